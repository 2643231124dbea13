namespace PocketSam.Cli.Pictures;

/// <summary>A picture and where its result goes.</summary>
/// <param name="Name">The picture's name within its folder, with <c>/</c> between folders.</param>
/// <param name="Picture">Its file.</param>
/// <param name="Target">The file or folder of the result.</param>
internal sealed record PictureJob(string Name, string Picture, string Target);
