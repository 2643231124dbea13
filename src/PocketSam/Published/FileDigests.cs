using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PocketSam.Published;

/// <summary>Digests of a file's content, in lower-case hexadecimal digits.</summary>
/// <param name="Sha256">SHA-256.</param>
/// <param name="GitBlob">Its blob id in git.</param>
internal readonly record struct FileDigests(string Sha256, string GitBlob)
{
    private const int BlockLength = 1 << 20;

    /// <summary>Reads the file once.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The operation is cancelled.</exception>
    public static FileDigests Of(string path, CancellationToken cancellation)
    {
        using FileStream file = File.OpenRead(path);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // git: SHA-1 of a header with the length, and the content (gitformat-loose).
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        git.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            int read;
            while ((read = file.Read(block)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                sha256.AppendData(block, 0, read);
                git.AppendData(block, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        return new FileDigests(
            Convert.ToHexStringLower(sha256.GetHashAndReset()), Convert.ToHexStringLower(git.GetHashAndReset()));
    }
}
