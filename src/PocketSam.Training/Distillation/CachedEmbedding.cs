namespace PocketSam.Training.Distillation;

/// <summary>What a cache knows of one picture.</summary>
internal sealed class CachedEmbedding
{
    internal CachedEmbedding(string key, int width, int height, string sha256, StoredTensor values)
    {
        Key = key;
        Width = width;
        Height = height;
        Sha256 = sha256;
        Values = values;
    }

    /// <summary>The picture's path from its data file's folder, with <c>/</c> between folders.</summary>
    public string Key { get; }

    /// <summary>Pixels in a row of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>Of the picture's file, 64 hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary><c>[side, side, C]</c>, half precision.</summary>
    internal StoredTensor Values { get; }
}
