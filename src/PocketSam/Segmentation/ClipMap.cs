namespace PocketSam;

/// <summary>Embeddings of the patches of a picture (<see cref="Clip.EmbedPatches"/>).</summary>
/// <param name="Rows">Rows of patches.</param>
/// <param name="Columns">Patches in a row.</param>
/// <param name="Embeddings">An embedding of length one for each patch, row by row.</param>
public sealed record ClipMap(int Rows, int Columns, IReadOnlyList<float[]> Embeddings);
