namespace PocketSam.Training.Distillation;

/// <summary>The entry of a picture in a cache.</summary>
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

    /// <summary>Path of the picture relative to the folder of its data file, with <c>/</c> between folders.</summary>
    public string Key { get; }

    /// <summary>Width of the picture, in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of the picture, in pixels.</summary>
    public int Height { get; }

    /// <summary>SHA-256 of the picture's file, 64 hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>The embedding, <c>[side, side, C]</c>, float16.</summary>
    internal StoredTensor Values { get; }
}
