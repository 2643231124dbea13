using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace PocketSam.Tests;

public sealed class AtomicFileTests
{
    private static readonly byte[] Old = [1, 2, 3];
    private static readonly byte[] New = [4, 5, 6, 7];

    [Fact]
    public void A_file_is_written_and_replaced()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["a"], stream => stream.Write(Old));
        Assert.Equal(Old, File.ReadAllBytes(folder["a"]));
        AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write(New);
            Assert.Equal(Old, File.ReadAllBytes(folder["a"])); // whole until the new one is whole
        });
        Assert.Equal(New, File.ReadAllBytes(folder["a"]));
        Assert.Equal(["a"], folder.Files);
    }

    [Fact]
    public void A_writer_that_throws_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], Old);
        var e = Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write(New);
            throw new InvalidOperationException("cancelled");
        }));
        Assert.Equal("cancelled", e.Message);
        Assert.Equal(Old, File.ReadAllBytes(folder["a"]));
        Assert.Equal(["a"], folder.Files);
    }

    [Fact]
    public void A_disk_error_names_the_file_and_leaves_the_old_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], Old);
        var e = Assert.Throws<IOException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write(New);
            throw new IOException("no space left on device");
        }));
        Assert.Contains(folder["a"], e.Message, StringComparison.Ordinal);
        Assert.Contains("no space left", e.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(folder["a"]));
        Assert.Equal(["a"], folder.Files);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["nowhere"], "a");
        var e = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write(New)));
        Assert.Equal($"{path}: cannot be written (no such folder)", e.Message);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_stays()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a"]);
        var e = Assert.Throws<IOException>(() => AtomicFile.Write(folder["a"], stream => stream.Write(New)));
        Assert.Contains(folder["a"], e.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(folder["a"]));
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData(10_000)] // fills up while the file is flushed
    [InlineData(3_000_000)] // fills up while it is written
    public void A_full_disk_leaves_the_old_file_and_nothing_else(int length)
    {
        using var folder = new TemporaryFolder();
        string disk = folder["disk"];
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk), "a small disk can only be mounted by root");
        try
        {
            string path = Path.Combine(disk, "a");
            byte[] old = new byte[8192];
            Array.Fill(old, (byte)7);
            File.WriteAllBytes(path, old);
            var e = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write(new byte[length])));
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
            Assert.Equal(old, File.ReadAllBytes(path));
            Assert.Equal([path], Directory.GetFiles(disk));
        }
        finally
        {
            Assert.True(Run("umount", disk));
        }
    }

    [Fact]
    public void A_link_stays_and_its_file_is_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], Old);
        File.CreateSymbolicLink(folder["link"], folder["a"]);
        File.CreateSymbolicLink(folder["dangling"], "b");

        AtomicFile.Write(folder["link"], stream => stream.Write(New));
        AtomicFile.Write(folder["dangling"], stream => stream.Write(New));

        Assert.Equal(folder["a"], new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal("b", new FileInfo(folder["dangling"]).LinkTarget);
        Assert.Equal(New, File.ReadAllBytes(folder["a"]));
        Assert.Equal(New, File.ReadAllBytes(folder["b"]));
        Assert.Equal(["a", "b", "dangling", "link"], folder.Files);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_mode_of_a_file_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no mode here");
        using var folder = new TemporaryFolder();
        foreach (UnixFileMode mode in (UnixFileMode[])[
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite])
        {
            File.WriteAllBytes(folder["a"], Old);
            File.SetUnixFileMode(folder["a"], mode);
            AtomicFile.Write(folder["a"], stream =>
            {
                stream.Write(New);
                Assert.All(folder.Files, file => Assert.Equal(mode, File.GetUnixFileMode(folder[file])));
            });
            Assert.Equal(mode, File.GetUnixFileMode(folder["a"]));
        }
    }

    [Fact]
    public async Task A_pipe_is_written_to()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(Run("mkfifo", folder["pipe"]), "no pipe can be made here");
        Task<byte[]> reader = Task.Run(() => File.ReadAllBytes(folder["pipe"]), TestContext.Current.CancellationToken);

        AtomicFile.Write(folder["pipe"], stream =>
        {
            stream.Write(Old);
            stream.Position = 0;
            stream.Write(New);
        });

        Assert.Equal(New, await reader);
        Assert.True(Run("test", "-p", folder["pipe"]));
        Assert.Equal(["pipe"], folder.Files);
    }

    [Fact]
    public void A_device_is_written_to()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(Run("mknod", folder["null"], "c", "1", "3"), "a device can only be made by root");

        AtomicFile.Write(folder["null"], stream => stream.Write(New));

        Assert.True(Run("test", "-c", folder["null"]));
        Assert.Equal(["null"], folder.Files);
    }

    [Fact]
    public void What_a_killed_process_has_left_is_removed_and_what_others_write_is_not()
    {
        using var folder = new TemporaryFolder();
        string number = new('0', 32);
        string dead = folder.Write($"model.2147483647-{number}.tmp", "half");
        string deadFolder = folder[$"masks.2147483647-{number}.tmp"];
        Directory.CreateDirectory(deadFolder);
        File.WriteAllText(Path.Combine(deadFolder, ".lock"), "");
        string running = folder.Write($"other.{Environment.ProcessId}-{number}.tmp", "half");
        string foreign = folder.Write("notes.tmp", "mine");
        string elsewhere = folder[$"locked.2147483646-{number}.tmp"];
        using (new FileStream(elsewhere, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete))
            AtomicFile.Write(folder["a"], stream => stream.Write(New));

        Assert.False(File.Exists(dead));
        Assert.False(Directory.Exists(deadFolder));
        Assert.All([running, foreign, elsewhere], path => Assert.True(File.Exists(path), path));
    }

    [Fact]
    public void What_is_open_to_be_written_to_is_gone_on_with()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "what a process has open has no path here");
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["log"], Old);
        using (FileStream open = File.OpenRead(folder["log"]))
            AtomicFile.Write($"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}", stream => stream.Write(New));
        Assert.Equal([.. Old, .. New], File.ReadAllBytes(folder["log"]));
    }

    [Fact]
    public void A_folder_is_there_whole_or_not_at_all()
    {
        using var folder = new TemporaryFolder();
        AtomicFolder.Write(folder["f"], path => File.WriteAllBytes(Path.Combine(path, "old"), Old));
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(folder["f"], path =>
        {
            File.WriteAllBytes(Path.Combine(path, "new"), New);
            throw new InvalidOperationException("cancelled");
        }));
        Assert.Equal([Path.Combine(folder["f"], "old")], Directory.GetFileSystemEntries(folder["f"]));

        AtomicFolder.Write(folder["f"] + Path.DirectorySeparatorChar, path => File.WriteAllBytes(Path.Combine(path, "new"), New));

        Assert.Equal([Path.Combine(folder["f"], "new")], Directory.GetFileSystemEntries(folder["f"]));
        Assert.Equal([folder["f"]], Directory.GetFileSystemEntries(folder.Location));
    }

    [Fact]
    public void Paths_that_lead_to_one_file_have_one_identity()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a", "same");
        folder.Write("b", "same");
        File.CreateSymbolicLink(folder["link"], folder["a"]);

        Assert.Equal(FileIdentity.Of(folder["a"]), FileIdentity.Of(folder["link"]));
        Assert.Equal(FileIdentity.Of(folder["a"]), FileIdentity.Of(Path.Combine(folder.Location, "..", Path.GetFileName(folder.Location), "a")));
        Assert.NotEqual(FileIdentity.Of(folder["a"]), FileIdentity.Of(folder["b"]));
        Assert.Null(FileIdentity.Of(folder["none"]));
        Assert.Equal(FileKind.Folder, FileIdentity.Of(folder.Location)!.Value.Kind);
        if (OperatingSystem.IsLinux())
        {
            Assert.True(Run("ln", folder["a"], folder["hard"]));
            Assert.Equal(FileIdentity.Of(folder["a"]), FileIdentity.Of(folder["hard"]));
            Assert.Equal(FileKind.Special, FileIdentity.Of("/dev/null")!.Value.Kind);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // there is no such program here
        }
    }
}
