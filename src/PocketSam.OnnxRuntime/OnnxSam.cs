using System.Security.Cryptography;

namespace PocketSam.OnnxRuntime;

/// <summary>
/// A pair of ONNX files of the SAM family, exported by PocketSam or by other programs, as a <see
/// cref="PocketSam.Sam"/>.
/// </summary>
/// <example>
/// <code>
/// using OnnxSam pair = OnnxSam.Load("exported/encoder.onnx", "exported/decoder.onnx");
/// using ImageEmbedding photo = pair.Sam.Encode(image);
/// BinaryMask thing = pair.Sam.Predict(photo, Prompt.Point(398, 144)).Best.Bits;
/// </code>
/// </example>
public sealed class OnnxSam : IDisposable
{
    private const string Config = "pocketsam.config", Fingerprint = "pocketsam.fingerprint";

    private OnnxSam(Sam sam, OnnxEncoder encoder, OnnxDecoder decoder) => (Sam, Encoder, Decoder) = (sam, encoder, decoder);

    /// <summary>The model, usable until this pair is disposed of.</summary>
    public Sam Sam { get; }

    /// <summary>The image encoder.</summary>
    public OnnxEncoder Encoder { get; }

    /// <summary>The mask decoder.</summary>
    public OnnxDecoder Decoder { get; }

    /// <summary>Whether ONNX Runtime's native library can be loaded.</summary>
    public static bool IsAvailable => Running.Runtime.IsThere;

    /// <summary>Opens a pair of files.</summary>
    /// <param name="encoder">Path of the image encoder.</param>
    /// <param name="decoder">Path of the mask decoder.</param>
    /// <param name="device">The device to run on.</param>
    /// <param name="threads">Number of CPU threads; 0 for all cores.</param>
    /// <exception cref="OnnxSetupException">
    /// The runtime or the device is missing, a file is not a supported part of a SAM model, or the two do not belong
    /// together.
    /// </exception>
    public static OnnxSam Load(string encoder, string decoder, OnnxDevice device = OnnxDevice.Cpu, int threads = 0)
    {
        var images = new OnnxEncoder(encoder, device, threads);
        try
        {
            var masks = new OnnxDecoder(decoder, images, device, threads);
            try
            {
                string fingerprint = images.Metadata.GetValueOrDefault(Fingerprint) ?? HashOf(encoder);
                return new OnnxSam(Sam.FromBackend(ConfigOf(images, encoder), encoder, fingerprint, images, masks), images, masks);
            }
            catch
            {
                masks.Dispose();
                throw;
            }
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    /// <summary>Closes both files.</summary>
    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }

    /// <summary>
    /// The model's configuration from the file's metadata. Without metadata only the sizes are known and used; a
    /// minimal encoder of one block fills the rest, as the file does the encoding.
    /// </summary>
    private static SamConfig ConfigOf(OnnxEncoder encoder, string path)
    {
        if (encoder.Metadata.ContainsKey(Config))
            return ModelZoo.FromCheckpoint(new Checkpoint(path, new Dictionary<string, StoredTensor>(), encoder.Metadata));
        return new SamConfig
        {
            Name = "onnx",
            Encoder = new VitConfig { EmbedDim = 16, Depth = 1, NumHeads = 1, GlobalAttentionBlocks = [0] },
            ImageSize = encoder.Size,
            PromptEmbedDim = encoder.Channels,
        };
    }

    private static string HashOf(string path)
    {
        const int Digits = 32;
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..Digits];
    }
}
