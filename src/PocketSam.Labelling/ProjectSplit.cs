using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PocketSam.Labelling;

/// <summary>Shares pictures out to learn from and to measure on: by their paths, so that a picture stays where it is as others come.</summary>
internal static class ProjectSplit
{
    /// <summary>The part of a picture: <c>train</c> or <c>val</c>, or nothing where there is one part.</summary>
    /// <param name="path">The picture's path in its project.</param>
    /// <param name="share">The share that is <c>val</c>, 0 to below 1; 0 makes one part.</param>
    /// <param name="seed">Another shares out otherwise.</param>
    public static string Of(string path, double share, ulong seed)
    {
        if (share == 0)
            return "";
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {path}"));
        return BinaryPrimitives.ReadUInt32LittleEndian(hash) < share * uint.MaxValue ? "val" : "train";
    }
}
