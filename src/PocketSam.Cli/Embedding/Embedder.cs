using System.Globalization;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Training.Data;

namespace PocketSam.Cli.Embedding;

/// <summary>Embeds pictures one by one, except those whose embedding by the same encoder already exists.</summary>
internal sealed class Embedder(Sam sam, int imageSize, DataType type, ImageReadOptions reading)
{
    /// <summary>Extension of embedding files.</summary>
    public const string Extension = ".safetensors";

    private const string NameKey = "image";
    private const string HashKey = "image_sha256";

    /// <summary>Upper bound of the bytes of a file besides the values.</summary>
    private const int MostOfHeader = 4096;

    /// <summary>Bytes of the values of one embedding.</summary>
    public long BytesEach => EmbeddingFile.SizeOf(
        imageSize / SamConfig.EmbeddingStride, sam.Config.FeatureChannels, type);

    /// <summary>Whether a file of an embedding's size exists, judged without opening it.</summary>
    public bool IsThere(string target)
        => new FileInfo(target) is { Exists: true, Length: var length } && length >= BytesEach
            && length <= BytesEach + MostOfHeader;

    /// <summary>Embeds one picture.</summary>
    /// <returns>The result; a picture that cannot be read gives a failure and no exception.</returns>
    /// <exception cref="IOException">The embedding cannot be written.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellation"/> was cancelled; nothing is written.
    /// </exception>
    public EmbeddedImage Run(PictureJob job, CancellationToken cancellation)
    {
        RgbImage image;
        string hash;
        try
        {
            hash = PictureKey.Hash(job.Picture);
            if (IsDone(job.Target, hash))
                return new EmbeddedImage(job.Picture, job.Target, EmbeddedImage.Present);
            image = ImageFile.Read(job.Picture, reading, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new EmbeddedImage(job.Picture, null, EmbeddedImage.Failed, e.Message);
        }

        using ImageEmbedding embedding = sam.Encode(image, imageSize, cancellation);
        if (Path.GetDirectoryName(job.Target) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        embedding.Save(
            job.Target, type, new Dictionary<string, string> { [NameKey] = job.Name, [HashKey] = hash });
        return new EmbeddedImage(job.Picture, job.Target, EmbeddedImage.Written);
    }

    private bool IsDone(string target, string hash)
    {
        if (!File.Exists(target))
            return false;
        try
        {
            using Checkpoint file = CheckpointFile.Read(target);
            return file.Tensors.TryGetValue(EmbeddingFile.TensorName, out StoredTensor? tensor) && tensor.Type == type
                && file.Metadata.GetValueOrDefault(HashKey) == hash
                && file.Metadata.GetValueOrDefault(EmbeddingFile.FingerprintKey) == sam.Fingerprint
                && file.Metadata.GetValueOrDefault(EmbeddingFile.InputSizeKey)
                    == imageSize.ToString(CultureInfo.InvariantCulture);
        }
        catch (CheckpointFormatException)
        {
            return false;
        }
    }
}
