using System.Security.Cryptography;

namespace PocketSam.Cli.Sharding;

/// <summary>Computes the digest of the files that a run depends on.</summary>
internal static class PartDigest
{
    /// <summary>SHA-256 of the contents of files in sequence, as 64 hexadecimal digits.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        foreach (string path in paths)
        {
            using FileStream file = File.OpenRead(path);
            for (int read; (read = file.Read(buffer)) > 0;)
                hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
