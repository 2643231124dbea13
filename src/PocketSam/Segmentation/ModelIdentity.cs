using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using PocketSam.Layers;
using PocketSam.Models;

namespace PocketSam.Segmentation;

/// <summary>The model of an embedding: its name for users, and the fingerprint of its image encoder.</summary>
/// <param name="name">The name, for messages.</param>
/// <param name="fingerprint">Computes the fingerprint at its first use.</param>
internal sealed class ModelIdentity(string name, Func<string> fingerprint)
{
    private const string EncoderPrefix = "image_encoder.";

    /// <summary>Bytes of the SHA-256 that are kept.</summary>
    private const int FingerprintBytes = 16;

    /// <summary>Digits of the fingerprint in messages.</summary>
    private const int ShownDigits = 8;

    private readonly Lazy<string> _fingerprint = new(fingerprint);

    /// <summary>The identity of a loaded model.</summary>
    public ModelIdentity(string name, SamModel model)
        : this(name, () => Compute(model, isEncoder: true))
    {
    }

    /// <summary>A file or a name such as <see cref="Sam.DefaultName"/>.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// 32 hexadecimal digits of SHA-256 over keys, shapes and single-precision values of the image encoder's weights,
    /// in the order of the keys; weights for integer products are marked. Weights after the encoder do not count:
    /// training them keeps embeddings valid.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Whether both models make the same embeddings.</summary>
    public bool IsSameAs(ModelIdentity other) => ReferenceEquals(this, other) || Fingerprint == other.Fingerprint;

    public override string ToString()
        => $"{Name} (fingerprint {Fingerprint[..Math.Min(ShownDigits, Fingerprint.Length)]})";

    /// <summary>The fingerprint of all other weights, those of prompt encoder and mask decoder.</summary>
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
