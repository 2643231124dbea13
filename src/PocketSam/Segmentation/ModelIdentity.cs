using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using PocketSam.Layers;
using PocketSam.Models;

namespace PocketSam.Segmentation;

/// <summary>Which model an embedding is of: its name, for people, and the fingerprint of its image encoder.</summary>
/// <param name="name">The name, for messages.</param>
/// <param name="fingerprint">Computes the fingerprint, once, when it is first asked for.</param>
internal sealed class ModelIdentity(string name, Func<string> fingerprint)
{
    private const string EncoderPrefix = "image_encoder.";

    /// <summary>Bytes of SHA-256 that are kept.</summary>
    private const int FingerprintBytes = 16;

    /// <summary>Digits of the fingerprint that people are shown.</summary>
    private const int ShownDigits = 8;

    private readonly Lazy<string> _fingerprint = new(fingerprint);

    /// <summary>A model that is loaded.</summary>
    public ModelIdentity(string name, SamModel model)
        : this(name, () => Compute(model, isEncoder: true))
    {
    }

    /// <summary>A file, or <see cref="Sam.DefaultName"/>.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// 32 hexadecimal digits of SHA-256 over keys, shapes and single-precision values of the image encoder's weights, in
    /// the order of the keys; a weight whose products are computed with whole numbers says so. What comes after the encoder may be trained further: its embeddings stay good.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Whether both make the same embeddings.</summary>
    public bool IsSameAs(ModelIdentity other) => ReferenceEquals(this, other) || Fingerprint == other.Fingerprint;

    public override string ToString()
        => $"{Name} (fingerprint {Fingerprint[..Math.Min(ShownDigits, Fingerprint.Length)]})";

    /// <summary>The same over all other weights, prompt encoder and mask decoder.</summary>
    public static string DecoderFingerprint(SamModel model) => Compute(model, isEncoder: false);

    private static string Compute(SamModel model, bool isEncoder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<StateEntry> entries = model.State.Entries
            .Where(entry => entry.Key.StartsWith(EncoderPrefix, StringComparison.Ordinal) == isEncoder)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal);
        foreach (StateEntry entry in entries)
        {
            string arithmetic = entry.Weight.Quantized is null ? "" : " int8";
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Key} {string.Join(',', entry.StoredShape)}{arithmetic}\n"));
            hash.AppendData(MemoryMarshal.AsBytes(entry.ToStored().AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, FingerprintBytes));
    }
}
