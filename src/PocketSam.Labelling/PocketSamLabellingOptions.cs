namespace PocketSam.Labelling;

/// <summary>The pictures of a labelling project, and where its labels are stored.</summary>
public sealed class PocketSamLabellingOptions
{
    /// <summary>The default name of the project's file, in the folder of the pictures.</summary>
    public const string DefaultFileName = "pocketsam-labels.db";

    /// <summary>The folder of the pictures, which is read with its subfolders. Pictures are never written.</summary>
    public string Folder { get; set; } = "";

    /// <summary>The project's SQLite file; by default <see cref="DefaultFileName"/> in the folder.</summary>
    public string? Project { get; set; }

    /// <summary>A PostgreSQL connection string, for a project in a database instead of a file.</summary>
    public string? Database { get; set; }

    /// <summary>Names of classes to add to the project, in this order. Existing classes stay unchanged.</summary>
    public IList<string> Classes { get; } = [];

    /// <summary>
    /// The project's file. With PostgreSQL there is none, but models of the project are stored beside this path.
    /// </summary>
    internal static string FileOf(PocketSamLabellingOptions options) => options.Project ?? Path.Combine(options.Folder, DefaultFileName);
}
