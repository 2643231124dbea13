namespace PocketSam.Cli.Pictures;

/// <summary>A picture and the path of its result.</summary>
/// <param name="Name">The picture's name within its folder, with <c>/</c> between folders.</param>
/// <param name="Picture">Path of the picture.</param>
/// <param name="Target">Path of the result, a file or folder.</param>
internal sealed record PictureJob(string Name, string Picture, string Target);
