using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam;

/// <summary>
/// The image encoder's features of a picture: computed once by <see cref="Sam.Encode"/>, used for any number of
/// prompts, and safe for concurrent use. Can be saved and loaded. Disposing returns its memory for reuse.
/// </summary>
/// <example>
/// <code>
/// using (ImageEmbedding photo = sam.Encode(image))
///     photo.Save("street.safetensors", DataType.Float16);
/// using ImageEmbedding again = ImageEmbedding.Load("street.safetensors");
/// Mask car = sam.Predict(again, Prompt.Point(520, 310)).Best;
/// </code>
/// </example>
public sealed class ImageEmbedding : IDisposable
{
    private readonly Lock _gate = new();
    private Tensor? _tensor;
    private PreparedImage? _prepared;
    private int _loans;
    private bool _disposed;

    /// <summary>Allocates values, <c>[1, Side, Side, channels]</c>, not initialised.</summary>
    /// <param name="geometry">The place of the picture in the model's input.</param>
    /// <param name="channels">Channels of the embedding.</param>
    /// <param name="model">The model that made it; null if unknown.</param>
    /// <param name="source">The file that it is read from, for messages; null for none.</param>
    internal ImageEmbedding(ImageGeometry geometry, int channels, ModelIdentity? model, string? source = null)
    {
        Geometry = geometry;
        Channels = channels;
        Model = model;
        Source = source;
        Upsampler = new MaskUpsampler(geometry);
        _tensor = new Tensor(BufferPool.Rent((nint)Side * Side * channels), 1, Side, Side, channels);
    }

    /// <summary>The place of the picture in the model's input.</summary>
    public ImageGeometry Geometry { get; }

    /// <summary>Rows and columns of the embedding, including padding.</summary>
    public int Side => Geometry.InputSize / SamConfig.EmbeddingStride;

    /// <summary>Channels of the embedding.</summary>
    public int Channels { get; }

    /// <summary>The <see cref="Sam.Name"/> of the model that made it; null if its file does not say.</summary>
    public string? ModelName => Model?.Name;

    /// <summary>The <see cref="Sam.Fingerprint"/> of the model that made it; null if its file does not say.</summary>
    public string? ModelFingerprint => Model?.Fingerprint;

    /// <summary>
    /// Whether <see cref="WordGrounder"/> can use it: a model with a vocabulary made it, and it was not read from a
    /// file, which has no word scores.
    /// </summary>
    public bool HasWords => Words is not null;

    /// <summary>The model that made it; null if unknown.</summary>
    internal ModelIdentity? Model { get; }

    /// <summary>The file that it was read from; null for none.</summary>
    internal string? Source { get; }

    /// <summary>
    /// Scores of the vocabulary's words; null if the model has no vocabulary or the embedding was read from a file.
    /// </summary>
    internal PictureWords? Words { get; init; }

    /// <summary>Resamples mask logits to the picture's size.</summary>
    internal MaskUpsampler Upsampler { get; }

    /// <summary>Loads an embedding whose file has the size of its picture.</summary>
    /// <param name="path">A safetensors file, as written by <see cref="Save"/>.</param>
    /// <exception cref="CheckpointFormatException">There is no tensor <c>embedding</c> of shape <c>[C, side, side]</c>
    /// or <c>[1, C, side, side]</c>, it has values that are not finite, or the size of the picture is missing; the
    /// message says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageEmbedding Load(string path) => EmbeddingFile.Read(path, null);

    /// <summary>Loads an embedding whose file may lack the size of its picture, for instance one from Python.</summary>
    /// <param name="path">A safetensors file with a tensor <c>embedding</c>.</param>
    /// <param name="width">Pixels in a row of the picture, at least 1.</param>
    /// <param name="height">Rows of the picture, at least 1.</param>
    /// <exception cref="CheckpointFormatException">As for
    /// <see cref="Load(string)"/>, or the file has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side of the picture is below 1.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageEmbedding Load(string path, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return EmbeddingFile.Read(path, (width, height));
    }

    /// <summary>
    /// Writes a safetensors file, completely or not at all: the tensor <c>embedding</c> as <c>[C, side, side]</c>,
    /// PyTorch's order, and as metadata the picture's size, the input size, the model's name and its fingerprint.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="type"><see cref="DataType.Float32"/>, which is lossless, or <see cref="DataType.Float16"/>, half
    /// the size with a relative error of up to 1/2048.</param>
    /// <param name="metadata">Additional strings; names that start with <c>pocketsam.</c> are reserved.</param>
    /// <exception cref="ArgumentException">The type is another, a
    /// name is reserved, or values exceed half precision.</exception>
    /// <exception cref="ObjectDisposedException">The embedding is disposed of.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public void Save(
        string path, DataType type = DataType.Float32, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        EmbeddingFile.Write(path, this, type, metadata);
    }

    /// <summary>A copy of the values as <c>[C, side, side]</c>, PyTorch's order.</summary>
    /// <exception cref="ObjectDisposedException">The embedding is disposed of.</exception>
    public float[] ToArray()
    {
        using Loan loan = Borrow();
        float[] values = new float[loan.Tensor.Count];
        EmbeddingFile.Transpose(loan.Tensor.Span, values, Side * Side, Channels);
        return values;
    }

    /// <summary>Returns the memory after running calls have finished.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            ReturnIfUnused();
        }
    }

    /// <summary>Borrows the values, which stay valid until the loan is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The embedding is disposed of.</exception>
    internal Loan Borrow()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _loans++;
            return new Loan(this, _tensor!);
        }
    }

    private void Return()
    {
        lock (_gate)
        {
            _loans--;
            ReturnIfUnused();
        }
    }

    private void ReturnIfUnused()
    {
        if (!_disposed || _loans > 0 || _tensor is null)
            return;
        BufferPool.Return(_tensor.Buffer);
        _prepared?.Return();
        (_tensor, _prepared) = (null, null);
    }

    /// <summary>The right to use the values; disposed of once.</summary>
    internal readonly struct Loan(ImageEmbedding owner, Tensor tensor) : IDisposable
    {
        /// <summary>The values, <c>[1, side, side, C]</c>; the tensor belongs to no tape.</summary>
        public Tensor Tensor { get; } = tensor;

        /// <summary>What all prompts share: computed at the first prompt, cached as long as the values.</summary>
        public PreparedImage Prepare(PromptDecoder decoder)
        {
            lock (owner._gate)
            {
                // A stale one may still be in use by another thread: its memory is not returned.
                if (owner._prepared is null || !decoder.IsCurrent(owner._prepared))
                    owner._prepared = decoder.Prepare(Tensor);
                return owner._prepared;
            }
        }

        public void Dispose() => owner.Return();
    }
}
