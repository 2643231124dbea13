using System.Runtime.InteropServices;

namespace PocketSam;

/// <summary>
/// The file that a path leads to, links followed: two paths with the same identity are one file. Linux and macOS give
/// device and file number; elsewhere the resolved path stands for them.
/// </summary>
public readonly partial record struct FileIdentity
{
    private const int HereFolder = -100;
    private const uint TypeModeAndNumber = 0x103;
    private const int TypeMask = 0xF000;
    private const int PlainType = 0x8000;
    private const int FolderType = 0x4000;
    private const int StatusLength = 256;

    private readonly ulong _device;
    private readonly ulong _number;
    private readonly string? _path;

    private FileIdentity(ulong device, ulong number, FileKind kind) => (_device, _number, Kind) = (device, number, kind);

    private FileIdentity(string path, FileKind kind) => (_path, Kind) = (path, kind);

    /// <summary>What the file is.</summary>
    public FileKind Kind { get; }

    /// <summary>
    /// The identity of a file, folder or device; null if the path leads nowhere or may not be looked at.
    /// </summary>
    /// <param name="path">The path; links are followed.</param>
    public static FileIdentity? Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return OperatingSystem.IsLinux() ? OfLinux(path) : OperatingSystem.IsMacOS() ? OfMacOS(path) : ByPath(path);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return ByPath(path);
        }
    }

    /// <summary>Calls statx, whose layout is the same on every architecture.</summary>
    private static FileIdentity? OfLinux(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        if (StatX(HereFolder, path, 0, TypeModeAndNumber, ref MemoryMarshal.GetReference(status)) != 0)
            return null;
        return new(
            (ulong)MemoryMarshal.Read<uint>(status[136..]) << 32 | MemoryMarshal.Read<uint>(status[140..]),
            MemoryMarshal.Read<ulong>(status[32..]), KindOf(MemoryMarshal.Read<ushort>(status[28..])));
    }

    /// <summary>Calls stat with 64-bit file numbers.</summary>
    private static FileIdentity? OfMacOS(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        ref byte first = ref MemoryMarshal.GetReference(status);
        bool isIntel = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if ((isIntel ? Stat64(path, ref first) : Stat(path, ref first)) != 0)
            return null;
        return new(
            MemoryMarshal.Read<uint>(status), MemoryMarshal.Read<ulong>(status[8..]),
            KindOf(MemoryMarshal.Read<ushort>(status[4..])));
    }

    private static FileIdentity? ByPath(string path)
    {
        FileSystemInfo file = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (!file.Exists)
            return null;
        string name = (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName;
        FileKind kind = file is DirectoryInfo ? FileKind.Folder
            : name.StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.Special : FileKind.Plain;
        return new(OperatingSystem.IsWindows() ? name.ToUpperInvariant() : name, kind);
    }

    private static FileKind KindOf(int mode) => (mode & TypeMask) switch
    {
        PlainType => FileKind.Plain,
        FolderType => FileKind.Folder,
        _ => FileKind.Special,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat64(string path, ref byte status);
}
