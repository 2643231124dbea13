using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using PocketSam.Labelling;

namespace PocketSam.Cli.Verbs;

/// <summary><c>label</c>: serves a labelling project over a folder of pictures.</summary>
internal sealed class LabelVerb : ServiceVerb
{
    private const string DatabaseVariable = "POCKETSAM_DATABASE";
    private const string Page = "label/";

    private readonly Argument<string> _folder;
    private readonly Option<string?> _classes;
    private readonly Option<string?> _project;
    private readonly Option<string?> _database;

    public LabelVerb()
        : this(
            new Argument<string>("FOLDER") { Description = "The folder of the pictures, with its folders; pictures are never written to" },
            new Option<string?>("--classes")
            {
                Description = "Names of classes that the project is to have, with commas between", HelpName = "A,B,C",
            },
            new Option<string?>("--project")
            {
                Description = $"The project's file (default: {PocketSamLabellingOptions.DefaultFileName} in the folder)", HelpName = "FILE",
            },
            new Option<string?>("--database")
            {
                Description = $"A connection string of PostgreSQL, for a project that lies there; with a password better given as {DatabaseVariable} in the environment",
                HelpName = "STRING",
            })
    {
    }

    private LabelVerb(Argument<string> folder, Option<string?> classes, Option<string?> project, Option<string?> database)
        : base(
            "label", "Label the pictures of a folder: a page, and a project that keeps every change",
            [folder, classes, project, database],
            "label photos --classes cat,dog",
            "label photos --project cats.db --port 9000",
            "label photos --database 'Host=localhost;Database=labels;Username=ann'")
        => (_folder, _classes, _project, _database) = (folder, classes, project, database);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        base.Declare(arguments, files);
        if (arguments.GetValue(_database) is null)
            files.Write(arguments.GetValue(_project) ?? Path.Combine(arguments.GetRequiredValue(_folder), PocketSamLabellingOptions.DefaultFileName));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(_folder);
        string? project = arguments.GetValue(_project), database = arguments.GetValue(_database);
        if (project is not null && database is not null)
            throw new UsageException("--project and --database: a project lies in a file or in a database");
        if (!Directory.Exists(folder))
            throw new IOException($"{folder}: there is no such folder");
        if (project is not null)
            OutputPath.Require(project);
        database ??= project is null ? Environment.GetEnvironmentVariable(DatabaseVariable) : null;
        Serve(
            arguments, terminal, Page,
            services => services.AddPocketSamLabelling(options =>
            {
                (options.Folder, options.Project, options.Database) = (folder, project, database);
                foreach (string name in (arguments.GetValue(_classes) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    options.Classes.Add(name);
            }),
            application =>
            {
                application.MapPocketSamLabelling();

                // Takes precedence over the page for a single photo, which stays at /index.html.
                application.MapGet("/", context =>
                {
                    context.Response.Redirect($"{context.Request.PathBase}/{Page}");
                    return Task.CompletedTask;
                }).WithOrder(-1);
            },
            cancellation);
    }
}
