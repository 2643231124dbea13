using System.Globalization;
using System.Numerics.Tensors;
using PocketSam.Segmentation;

namespace PocketSam;

/// <summary>
/// The file form of embeddings: safetensors with the tensor <c>embedding</c>, <c>[C, side, side]</c>, and metadata.
/// </summary>
public static class EmbeddingFile
{
    /// <summary>Name of the tensor.</summary>
    public const string TensorName = "embedding";

    /// <summary>Metadata key of the model's input size in pixels.</summary>
    public const string InputSizeKey = Prefix + "input_size";

    /// <summary>Metadata key of the name of the model that made the embedding.</summary>
    public const string ModelKey = Prefix + "model";

    /// <summary>Metadata key of that model's <see cref="Sam.Fingerprint"/>.</summary>
    public const string FingerprintKey = Prefix + "model_fingerprint";

    private const string WidthKey = Prefix + "width";
    private const string HeightKey = Prefix + "height";
    private const string SideMultipleKey = Prefix + "side_multiple";
    private const string Prefix = "pocketsam.";
    private const string UnknownModel = "an unnamed model";

    /// <summary>Rows that are transposed at a time: a few cache lines on either side.</summary>
    private const int Block = 16;

    internal static void Write(
        string path, ImageEmbedding embedding, DataType type, IReadOnlyDictionary<string, string>? metadata)
    {
        if (type is not (DataType.Float32 or DataType.Float16))
            throw new ArgumentException($"embeddings are saved as Float32 or Float16, not {type}", nameof(type));
        var all = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>());
        if (all.Keys.FirstOrDefault(key => key.StartsWith(Prefix, StringComparison.Ordinal)) is { } taken)
            throw new ArgumentException($"metadata {taken}: names that begin with {Prefix} are taken", nameof(metadata));

        float[] values = embedding.ToArray();
        if (type == DataType.Float16 && !(TensorPrimitives.MaxMagnitude<float>(values) <= (float)Half.MaxValue))
            throw new ArgumentException("the embedding holds values beyond half precision: save it as Float32", nameof(type));

        ImageGeometry geometry = embedding.Geometry;
        all[WidthKey] = geometry.Width.ToString(CultureInfo.InvariantCulture);
        all[HeightKey] = geometry.Height.ToString(CultureInfo.InvariantCulture);
        all[InputSizeKey] = geometry.InputSize.ToString(CultureInfo.InvariantCulture);
        if (geometry.SideMultiple != 1)
            all[SideMultipleKey] = geometry.SideMultiple.ToString(CultureInfo.InvariantCulture);
        if (embedding.Model is { } model)
        {
            all[ModelKey] = model.Name;
            all[FingerprintKey] = model.Fingerprint;
        }

        int side = embedding.Side;
        Safetensors.Write(
            path, [new(TensorName, StoredTensor.FromFloats(values, [embedding.Channels, side, side], type))], all);
    }

    /// <summary>Bytes of the values; the header takes a few hundred more.</summary>
    /// <param name="side">Rows and columns of the embedding.</param>
    /// <param name="channels">Channels of the embedding.</param>
    /// <param name="type">Type of the stored values.</param>
    public static long SizeOf(int side, int channels, DataType type)
        => (long)side * side * channels * StoredTensor.SizeOf(type);

    /// <param name="path">The file.</param>
    /// <param name="size">The picture's width and height if known; they may then be missing in the file.</param>
    internal static ImageEmbedding Read(string path, (int Width, int Height)? size)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file", path);
        using Checkpoint file = CheckpointFile.Read(path);
        if (!file.Tensors.TryGetValue(TensorName, out StoredTensor? stored))
            throw new CheckpointFormatException(path, $"has no tensor {TensorName}");
        (int channels, int side) = Shape(stored, path);
        ImageGeometry geometry = Geometry(file, size, side * SamConfig.EmbeddingStride);

        float[] values = stored.ToFloats();
        if (Array.Exists(values, v => !float.IsFinite(v)))
            throw new CheckpointFormatException(path, $"tensor {TensorName}: holds values that are not finite");
        ModelIdentity? model = file.Metadata.TryGetValue(FingerprintKey, out string? fingerprint)
            ? new ModelIdentity(file.Metadata.GetValueOrDefault(ModelKey, UnknownModel), () => fingerprint)
            : null;
        var embedding = new ImageEmbedding(geometry, channels, model, path);
        using ImageEmbedding.Loan loan = embedding.Borrow();
        Transpose(values, loan.Tensor.Span, channels, side * side);
        return embedding;
    }

    /// <summary>Transposes <c>[rows, columns]</c> to <c>[columns, rows]</c>.</summary>
    internal static void Transpose(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        for (int top = 0; top < rows; top += Block)
        {
            int bottom = Math.Min(top + Block, rows);
            for (int j = 0; j < columns; j++)
            {
                for (int i = top; i < bottom; i++)
                    target[j * rows + i] = source[i * columns + j];
            }
        }
    }

    private static (int Channels, int Side) Shape(StoredTensor stored, string path)
    {
        IReadOnlyList<int> shape = stored.Shape is [1, _, _, _] ? [.. stored.Shape.Skip(1)] : stored.Shape;
        if (shape is not [> 0, int rows, int columns] || rows != columns)
        {
            throw new CheckpointFormatException(
                path, $"tensor {TensorName}: shape [{string.Join(", ", stored.Shape)}] is not [channels, side, side]");
        }

        try
        {
            SamConfig.ValidateImageSize(checked(rows * SamConfig.EmbeddingStride));
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new CheckpointFormatException(
                path, $"tensor {TensorName}: a side of {rows} is no model's: it must lie in 4 ... 256", e);
        }

        return (shape[0], rows);
    }

    private static ImageGeometry Geometry(Checkpoint file, (int Width, int Height)? given, int inputSize)
    {
        int? width = Number(file, WidthKey), height = Number(file, HeightKey), stated = Number(file, InputSizeKey);
        if (stated is not null && stated != inputSize)
        {
            throw new CheckpointFormatException(
                file.Source, $"{InputSizeKey} is {stated}, but tensor {TensorName} is of an input of {inputSize}");
        }

        if (given is { } size)
        {
            if (width is not null && height is not null && (width != size.Width || height != size.Height))
            {
                throw new CheckpointFormatException(
                    file.Source, $"the embedding of a picture of {width}x{height}, not of {size.Width}x{size.Height}");
            }

            (width, height) = size;
        }

        if (width is not { } columns || height is not { } rows)
        {
            throw new CheckpointFormatException(
                file.Source, $"the metadata have no {(width is null ? WidthKey : HeightKey)}: say what size the picture has");
        }

        if ((long)columns * rows > RgbImage.MaxPixels)
            throw new CheckpointFormatException(file.Source, $"{columns}x{rows} is no size of a picture");
        try
        {
            return ImageGeometry.For(columns, rows, inputSize, Number(file, SideMultipleKey) ?? 1);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointFormatException(file.Source, $"broken {SideMultipleKey}: {e.Message}", e);
        }
    }

    private static int? Number(Checkpoint file, string key)
    {
        if (!file.Metadata.TryGetValue(key, out string? text))
            return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            throw new CheckpointFormatException(file.Source, $"broken {key}: '{text}' is not a positive whole number");
        return number;
    }
}
