using System.Buffers.Binary;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PocketSam.Cli.Sharding;

/// <summary>
/// One of several shares of a set of pictures. A picture's share depends on its name only, so that processes need no
/// coordination, and added or removed pictures do not move others.
/// </summary>
/// <param name="Index">Number of the share, from 1.</param>
/// <param name="Count">Number of shares.</param>
internal sealed record Share(int Index, int Count)
{
    /// <summary>Parses <c>I/N</c>.</summary>
    public static Share? Parse(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (Read(text) is { } share)
            return share;
        argument.AddError($"--shard {text}: expected I/N with I from 1 to N, as in 1/4");
        return null;
    }

    /// <summary>Parses <c>I/N</c>; null if the text does not have this form.</summary>
    public static Share? Read(string text)
        => text.Split('/') is [var index, var count]
            && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int i)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && i >= 1 && i <= n ? new Share(i, n) : null;

    /// <summary>Whether a picture is in this share.</summary>
    /// <param name="name">The picture's name within its folder.</param>
    public bool Holds(string name) => Of(name, Count) == this;

    /// <summary>The share of a picture.</summary>
    /// <param name="name">The picture's name within its folder.</param>
    /// <param name="count">Number of shares.</param>
    public static Share Of(string name, int count)
        => new((int)(BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % (uint)count) + 1, count);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
