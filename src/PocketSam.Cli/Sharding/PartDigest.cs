using System.Security.Cryptography;

namespace PocketSam.Cli.Sharding;

/// <summary>The digest of files that a run depends on.</summary>
internal static class PartDigest
{
    /// <summary>SHA-256 of files, one after the other.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
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
