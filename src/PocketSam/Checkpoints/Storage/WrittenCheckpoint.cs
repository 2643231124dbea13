namespace PocketSam.Checkpoints.Storage;

/// <summary>Verifies that a written checkpoint can be read, before the file gets its name.</summary>
internal static class WrittenCheckpoint
{
    /// <summary>Reads names, types, shapes and metadata, and leaves the stream at its end.</summary>
    /// <param name="stream">The written file.</param>
    /// <param name="name">Its path, for messages.</param>
    /// <param name="tensors">The expected tensors.</param>
    /// <param name="metadata">The expected metadata.</param>
    /// <param name="read">The reader of the format.</param>
    /// <exception cref="IOException">The content differs or cannot be read; the message says why.</exception>
    public static void Require(
        Stream stream, string name, KeyValuePair<string, StoredTensor>[] tensors, IReadOnlyDictionary<string, string>? metadata,
        Func<ByteSource, Checkpoint> read)
    {
        stream.Flush();
        try
        {
            Checkpoint written = read(new StreamBytes(stream, name));
            bool isSame = written.Tensors.Count == tensors.Length
                && tensors.All(t => written.Tensors.TryGetValue(t.Key, out StoredTensor? tensor)
                    && tensor.Type == t.Value.Type && tensor.Shape.SequenceEqual(t.Value.Shape))
                && written.Metadata.Count == (metadata?.Count ?? 0)
                && (metadata is null || metadata.All(pair => written.Metadata.GetValueOrDefault(pair.Key) == pair.Value));
            if (!isSame)
                throw new IOException("names or texts do not fit this format");
        }
        catch (CheckpointFormatException e)
        {
            throw new IOException($"what is to be written could not be read again: {e.Reason}", e);
        }

        stream.Position = stream.Length;
    }
}
