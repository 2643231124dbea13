using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam;

/// <summary>
/// What the image encoder found in a picture: computed once by <see cref="Sam.Encode"/>, used for any number of
/// prompts, by any number of threads; can be saved and loaded. Disposing gives its memory to the next one.
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

    /// <summary>Values that are still to be written, <c>[1, Side, Side, channels]</c>.</summary>
    /// <param name="geometry">How the picture lies in the model's input.</param>
    /// <param name="channels">Values at each place.</param>
    /// <param name="model">The model that made it, if that is known.</param>
    /// <param name="source">The file it comes from, for messages.</param>
    internal ImageEmbedding(ImageGeometry geometry, int channels, ModelIdentity? model, string? source = null)
    {
        Geometry = geometry;
        Channels = channels;
        Model = model;
        Source = source;
        Upsampler = new MaskUpsampler(geometry);
        _tensor = new Tensor(BufferPool.Rent((nint)Side * Side * channels), 1, Side, Side, channels);
    }

    /// <summary>How the picture lies in the model's input.</summary>
    public ImageGeometry Geometry { get; }

    /// <summary>Rows and columns of the embedding, padding included.</summary>
    public int Side => Geometry.InputSize / SamConfig.EmbeddingStride;

    /// <summary>Values at each place of the embedding.</summary>
    public int Channels { get; }

    /// <summary>The model that made it, as <see cref="Sam.Name"/> was; null where its file does not say.</summary>
    public string? ModelName => Model?.Name;

    /// <summary>As the model's <see cref="Sam.Fingerprint"/>; null where its file does not say.</summary>
    public string? ModelFingerprint => Model?.Fingerprint;

    /// <summary>
    /// Whether <see cref="WordGrounder"/> can be asked of it: a model that knows words made it, and it does not come from a file, which
    /// keeps none.
    /// </summary>
    public bool HasWords => Words is not null;

    /// <summary>Who made it, if that is known.</summary>
    internal ModelIdentity? Model { get; }

    /// <summary>The file it comes from, if there is one.</summary>
    internal string? Source { get; }

    /// <summary>What its model's words say of each place; null where the model has none, or a file does not keep them.</summary>
    internal PictureWords? Words { get; init; }

    /// <summary>Takes mask logits to the picture's size.</summary>
    internal MaskUpsampler Upsampler { get; }

    /// <summary>Loads an embedding that was saved with the size of its picture.</summary>
    /// <param name="path">A safetensors file as <see cref="Save"/> writes it.</param>
    /// <exception cref="CheckpointFormatException">
    /// There is no tensor <c>embedding</c> of shape <c>[C, side, side]</c> or <c>[1, C, side, side]</c>, it holds values
    /// that are not finite, or the size of the picture is missing; the message says which.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageEmbedding Load(string path) => EmbeddingFile.Read(path, null);

    /// <summary>Loads an embedding whose file need not say the size of its picture, for instance one of Python's.</summary>
    /// <param name="path">A safetensors file with a tensor <c>embedding</c>.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <exception cref="CheckpointFormatException">As for <see cref="Load(string)"/>, or the file has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side of the picture is below 1.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageEmbedding Load(string path, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return EmbeddingFile.Read(path, (width, height));
    }

    /// <summary>
    /// Writes a safetensors file: the tensor <c>embedding</c> as <c>[C, side, side]</c>, PyTorch's order; the metadata
    /// hold the picture's size, the input size, the model's name and its fingerprint. The file is there whole or not at
    /// all.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="type">
    /// <see cref="DataType.Float32"/>, which gives back every bit, or <see cref="DataType.Float16"/>, half the size:
    /// values are off by up to 1/2048 of themselves.
    /// </param>
    /// <param name="metadata">More strings to keep with it; names that begin with <c>pocketsam.</c> are taken.</param>
    /// <exception cref="ArgumentException">Another type, a name that is taken, or values beyond half precision.</exception>
    /// <exception cref="ObjectDisposedException">The values were let go.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public void Save(
        string path, DataType type = DataType.Float32, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        EmbeddingFile.Write(path, this, type, metadata);
    }

    /// <summary>The values as <c>[C, side, side]</c>, PyTorch's order.</summary>
    /// <exception cref="ObjectDisposedException">They were let go.</exception>
    public float[] ToArray()
    {
        using Loan loan = Borrow();
        float[] values = new float[loan.Tensor.Count];
        EmbeddingFile.Transpose(loan.Tensor.Span, values, Side * Side, Channels);
        return values;
    }

    /// <summary>Lets the values go; calls that are running finish.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            ReturnIfUnused();
        }
    }

    /// <summary>The values, which stay until the loan is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">They were let go.</exception>
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

    /// <summary>The right to use the values; to be disposed of once.</summary>
    internal readonly struct Loan(ImageEmbedding owner, Tensor tensor) : IDisposable
    {
        /// <summary>The values, <c>[1, side, side, C]</c>, which belong to no tape.</summary>
        public Tensor Tensor { get; } = tensor;

        /// <summary>What all prompts share: computed at the first prompt, kept for the next ones as long as the values.</summary>
        public PreparedImage Prepare(PromptDecoder decoder)
        {
            lock (owner._gate)
            {
                // One that is of no use any more may still be in use: it is not given back.
                if (owner._prepared is null || !decoder.IsCurrent(owner._prepared))
                    owner._prepared = decoder.Prepare(Tensor);
                return owner._prepared;
            }
        }

        public void Dispose() => owner.Return();
    }
}
