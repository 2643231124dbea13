using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>models</c>: lists the models that are available by name.</summary>
internal sealed class ModelsVerb : Verb
{
    private const string Licence = "Apache-2.0";
    private const int DefaultMegabytes = 9;
    private const int QualityMegabytes = 46;

    public ModelsVerb()
        : base("models", "List the models that can be had by name", "models", "models --json -")
        => Accept();

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        // The verb reads and writes nothing but the JSON output of every verb.
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        ModelCache cache = ModelCache.Default;
        NamedModelReport[] models =
        [
            new(Sam.DefaultName, "TinyViT, part of this program", null, true, false, DefaultMegabytes, Licence, ModelZoo.Pocket.ImageSize),
            new(
                Sam.QualityName, "DINOv2 ViT-S/14 under SAM's decoder", null, Sam.PreferredName == Sam.QualityName, false,
                QualityMegabytes, Licence, ModelZoo.DinoS.ImageSize),
            .. PublishedModels.All.Select(model => Describe(model, cache)),
        ];
        TextWriter text = TextOf(terminal);
        int width = models.Max(model => model.Name.Length), titles = models.Max(model => model.Title.Length);
        foreach (NamedModelReport model in models)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(model.IsHere ? '*' : ' ')} {model.Name.PadRight(width)}  {model.Title.PadRight(titles)}  {model.Megabytes,5} MB  input {model.ImageSize,4}  {model.Licence}  {model.Source}").TrimEnd());
        }

        text.WriteLine($"* is here; 'pocketsam pull NAME' fetches others to {cache.Folder}");
        WriteJson(arguments, terminal, new ModelsReport(models), ModelsJson.Default.ModelsReport);
    }

    private static NamedModelReport Describe(PublishedModel model, ModelCache cache)
    {
        string? path = cache.PathOf(model);
        return new NamedModelReport(
            model.Name, model.Title, path, path is not null, model.Architecture is null, model.Megabytes, model.Licence, model.ImageSize,
            model.Source, model.Address);
    }
}
