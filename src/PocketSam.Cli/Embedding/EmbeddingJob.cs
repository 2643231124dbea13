namespace PocketSam.Cli.Embedding;

/// <summary>A picture and where its embedding goes.</summary>
/// <param name="Name">The picture's name within its folder, with <c>/</c> between folders.</param>
/// <param name="Picture">Its file.</param>
/// <param name="Target">The file of the embedding.</param>
internal sealed record EmbeddingJob(string Name, string Picture, string Target);
