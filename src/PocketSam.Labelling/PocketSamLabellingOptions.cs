namespace PocketSam.Labelling;

/// <summary>What is labelled, and where the labels are kept.</summary>
public sealed class PocketSamLabellingOptions
{
    /// <summary>The name of the project's file in the folder of the pictures, where none is given.</summary>
    public const string DefaultFileName = "pocketsam-labels.db";

    /// <summary>The folder of the pictures, with its folders. Nothing is ever written to a picture.</summary>
    public string Folder { get; set; } = "";

    /// <summary>The project's SQLite file; by default <see cref="DefaultFileName"/> in the folder.</summary>
    public string? Project { get; set; }

    /// <summary>A connection string of PostgreSQL, for a project that lies there and not in a file.</summary>
    public string? Database { get; set; }

    /// <summary>Names of classes that the project is to have, in their order; those that it has already stay as they are.</summary>
    public IList<string> Classes { get; } = [];

    /// <summary>The project's file, or where it would be: models that are made for the project lie beside it.</summary>
    internal static string FileOf(PocketSamLabellingOptions options) => options.Project ?? Path.Combine(options.Folder, DefaultFileName);
}
