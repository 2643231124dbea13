using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Cli.Datasets;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Serving;
using PocketSam.Labelling;
using PocketSam.Server;

namespace PocketSam.Cli.Verbs;

/// <summary><c>label</c>: a folder of pictures to label, kept in one file.</summary>
internal sealed class LabelVerb : Verb
{
    private const string KeyVariable = "POCKETSAM_API_KEY";

    private readonly Argument<string> _folder = new("FOLDER") { Description = "The folder of the pictures; they are read and never written" };

    private readonly Option<string?> _project = new("--project")
    {
        Description = $"The file that keeps the labels (default: {LabelProject.FileName} in FOLDER)", HelpName = "FILE.db",
    };

    private readonly Option<string[]> _classes = new("--classes")
    {
        Description = "Classes to begin with, joined by commas; keys 1 to 9 choose them", HelpName = "A,B,C",
    };

    private readonly Option<string[]> _import = new("--import")
    {
        Description = "Take labels of a data set over before the page opens (COCO, YOLO, labelme, CVAT, Label Studio, mask pictures ...); may be repeated",
        HelpName = "FILE|FOLDER",
    };

    private readonly Option<string?> _export = new("--export")
    {
        Description = "Write all labels as one COCO file and end, without opening the page", HelpName = "FILE.json",
    };

    private readonly Option<string> _model = CommonOptions.Model();

    private readonly Option<int?> _port = CommonOptions.Number(
        "--port", "Port to listen on; 0 takes a free one", least: 0, byDefault: 8080, most: 65535);

    private readonly Option<string> _host = new("--host")
    {
        Description = "Address to listen on: of this machine, or '*' for all",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };

    private readonly Option<string[]> _allowedHosts = new("--allow-host")
    {
        Description = "A name that browsers may use for this service, for instance behind a proxy", HelpName = "NAME",
    };

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        Description = $"Ask clients for this key; better given as {KeyVariable} in the environment", HelpName = "KEY",
    };

    public LabelVerb()
        : base(
            "label", "Label a folder of pictures on a page; every change is saved at once",
            "label photos --classes cat,dog",
            "label photos --import instances.json",
            "label photos --export labels.json",
            "label /data/scans --project scans.db --host '*' --api-key SECRET")
        => Accept(_folder, _project, _classes, _import, _export, _model, _port, _host, _allowedHosts, _apiKey);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetValue(_import) ?? []);
        files.Write(arguments.GetValue(_export));
        if (arguments.GetValue(_export) is null)
            files.ReadModel(arguments.GetRequiredValue(_model));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string? export = arguments.GetValue(_export);
        if (export is not null)
            OutputPath.Require(export, ".json");
        string[] classes = [.. (arguments.GetValue(_classes) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        using LabelProject project = LabelProject.Open(arguments.GetRequiredValue(_folder), arguments.GetValue(_project), classes);
        TextWriter text = TextOf(terminal);
        ProjectScan scan = terminal.WithProgress("looking at the pictures", progress => project.Scan(progress, cancellation));
        foreach (string failed in scan.Failed.Take(10))
            terminal.Error.WriteLine($"left out: {failed}");
        if (scan.Failed.Count > 10)
            terminal.Error.WriteLine($"left out: {scan.Failed.Count - 10} more files");
        text.WriteLine($"{project.File}: {scan.Added} new pictures, {scan.Moved} moved, {scan.Changed} changed, {scan.Missing} missing");
        foreach (string set in arguments.GetValue(_import) ?? [])
            Import(project, set, text, cancellation);
        if (export is not null)
        {
            IReadOnlyList<AnnotatedPicture> pictures = project.Export(Path.GetDirectoryName(Path.GetFullPath(export)));
            CocoWriter.Write(export, pictures);
            text.WriteLine($"wrote {export}: {pictures.Sum(picture => picture.Annotations.Count)} objects of {pictures.Count} pictures");
            return;
        }

        Serve(project, arguments, terminal, cancellation);
    }

    private void Import(LabelProject project, string path, TextWriter text, CancellationToken cancellation)
    {
        DatasetFormat format = DatasetFormat.All.FirstOrDefault(f => f.Recognises(path))
            ?? throw new IOException($"{path}: no data set that is known");
        var set = new DatasetReading(path, new PictureIndex(project.Folder, format.IsPicture), isTold: true, []);
        ProjectImport done = project.Import(
            format.Read(set).Select(picture =>
            {
                cancellation.ThrowIfCancellationRequested();
                string name = picture.File is { } file && Path.GetRelativePath(project.Folder, file) is var within && !within.StartsWith("..", StringComparison.Ordinal)
                    ? within : picture.Name;
                return new AnnotatedPicture(name, picture.Width, picture.Height, picture.Annotations);
            }),
            Environment.UserName);
        foreach (string line in set.LeftOut)
            text.WriteLine(line);
        foreach ((string name, string why) in done.Skipped.Take(10))
            text.WriteLine($"left out: {EscapingWriter.OneLine(name)}: {why}");
        if (done.Skipped.Count > 10)
            text.WriteLine($"left out: {done.Skipped.Count - 10} more pictures");
        text.WriteLine($"{path}: {done.Objects} objects of {done.Pictures} pictures ({format.Name})"
            + (done.ClassesAdded.Count > 0 ? $", new classes {string.Join(", ", done.ClassesAdded)}" : ""));
    }

    private void Serve(LabelProject project, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        IPAddress address = ServiceHost.Address(arguments.GetRequiredValue(_host));
        int port = arguments.GetRequiredValue(_port)!.Value;
        Sam sam = Sam.Load(arguments.GetRequiredValue(_model));
        string? key = arguments.GetValue(_apiKey) ?? Environment.GetEnvironmentVariable(KeyVariable);
        using WebApplication application = PocketSamApplication.Create(
            new IPEndPoint(address, port),
            options =>
            {
                options.ApiKey = string.IsNullOrEmpty(key) ? null : key;
                foreach (string name in arguments.GetValue(_allowedHosts) ?? [])
                    options.AllowedHosts.Add(name);
            },
            logging => ServiceHost.Log(logging, terminal),
            services => services.AddSingleton(sam));
        application.MapPocketSamLabelling(project);
        if (!IPAddress.IsLoopback(address) && string.IsNullOrEmpty(key))
            terminal.Error.WriteLine($"{address} can be reached from other machines, and no --api-key is asked for");
        ServiceHost.Start(application, new IPEndPoint(address, port));
        string url = ServiceHost.Url(application, address) + "label/";
        TextOf(terminal).WriteLine($"Label {project.Folder} at {url} (Ctrl+C ends it)");
        WriteJson(arguments, terminal, new ServeReport(url, sam.Name), ServeJson.Default.ServeReport);
        cancellation.WaitHandle.WaitOne();
        application.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
    }
}
