using System.ComponentModel;
using System.Diagnostics;

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
