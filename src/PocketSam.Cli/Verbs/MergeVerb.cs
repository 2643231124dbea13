using System.CommandLine;
using PocketSam.Cli.Everything;
using PocketSam.Cli.Measures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;
using PocketSam.Training.Distillation;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;

namespace PocketSam.Cli.Verbs;

/// <summary><c>merge</c>: joins the results of the shares of a run, as one process would have written them.</summary>
internal sealed class MergeVerb : Verb
{
    private readonly Argument<string[]> _folders = new("DIR")
    {
        Description = "The folder that all shares wrote to, or those that each wrote to",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Of everything with --format coco one file of all pictures (default: that of its --merge); of embed with --cache a new "
            + "cache, else a folder of all embeddings; of convert-data what OUT was; of coco-ap and lvis-ap what --save-results writes. Without it the parts are only checked",
        HelpName = "FILE|DIR",
    };

    public MergeVerb()
        : base(
            "merge", "Join what the shares of a run with --shard made, exactly as one process would have written it",
            "merge photos.json.parts",
            "merge cache --output whole-cache",
            "merge measured --json report.json",
            "merge labels.parts --output labels")
        => Accept(_folders, _output);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        foreach (string folder in arguments.GetRequiredValue(_folders).Where(Directory.Exists))
            files.Read(Part.In(folder));
        files.Write(arguments.GetValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        PartSet parts = PartSet.Load(arguments.GetRequiredValue(_folders));
        string? output = arguments.GetValue(_output);
        TextWriter text = TextOf(terminal);
        if (parts.Run.Verb == MeasurePart.Verb)
        {
            WriteMeasured(parts, output, arguments, terminal, cancellation);
        }
        else
        {
            output = parts.Run.Verb switch
            {
                EmbedVerb.PartVerb => Embeddings(parts, output, terminal, cancellation),
                EverythingVerb.PartVerb => Masks(parts, output),
                ConvertDataVerb.PartVerb => DataSetPart.Join(parts, output, cancellation),
                _ => throw new IOException($"{parts.Items[0].Folder}: parts of '{parts.Run.Verb}', which this version does not know"),
            };
            text.WriteLine($"{parts.Items.Count - parts.Failed.Count} pictures of {parts.Shares} shares: {(output is null ? "all are there" : $"wrote {output}")}");
            WriteJson(
                arguments, terminal, new MergeReport(parts.Run.Verb, parts.Shares, parts.Items.Count, parts.Failed.Count, output),
                MergeJson.Default.MergeReport);
        }

        foreach (PartItem failed in parts.Failed)
            text.WriteLine($"failed: {failed.Error}");
        if (parts.Failed is [var first, ..])
            throw new IOException($"{parts.Failed.Count} of {parts.Items.Count} pictures failed: {first.Error}");
    }

    private void WriteMeasured(PartSet parts, string? output, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (output is not null)
            OutputPath.Require(output, ".json");
        TextWriter text = TextOf(terminal);
        (object report, Detections? masks) = MeasurePart.Join(parts, cancellation);
        if (output is not null)
        {
            if (masks is null)
                throw new UsageException($"{_output.Name}: what was measured is written by --json");
            masks.Save(output);
        }

        switch (report)
        {
            case EvaluationReport evaluation:
                EvaluationText.Write(evaluation, text);
                WriteJson(arguments, terminal, evaluation, EvaluateJson.Default.EvaluationReport);
                break;
            case AgreementReport agreement:
                AgreementText.Write(agreement, text);
                WriteJson(arguments, terminal, agreement, EvaluateJson.Default.AgreementReport);
                break;
            case MeasureReport measure:
                MeasureText.Write(text, measure);
                WriteJson(arguments, terminal, measure, EvaluateJson.Default.MeasureReport);
                break;
        }
    }

    private static string? Embeddings(PartSet parts, string? output, Terminal terminal, CancellationToken cancellation)
    {
        if (parts.Run.Facts.GetValueOrDefault(EmbedVerb.PartType) == EmbedVerb.CacheType)
        {
            if (output is null)
                return null;
            OutputPath.RequireNewFolder(output);
            terminal.WithProgress("joining", progress =>
            {
                EmbeddingCache.Join(
                    [.. parts.Items.Select(one => one.Folder).Distinct()], output,
                    [.. parts.Items.Where(one => one.Item.Error is null).Select(one => one.Item.Name)], progress, cancellation);
                return 0;
            });
            return output;
        }

        foreach ((string source, string result) in Results(parts))
        {
            cancellation.ThrowIfCancellationRequested();
            if (output is null)
                continue;
            string target = PartResult.In(output, result);
            if (Path.GetFullPath(target) == Path.GetFullPath(source))
                continue;
            OutputPath.CreateFolder(Path.GetDirectoryName(target)!);
            using FileStream file = File.OpenRead(source);
            AtomicFile.Write(target, file.CopyTo);
        }

        return output;
    }

    private string? Masks(PartSet parts, string? output)
    {
        string[] results = [.. Results(parts).Select(one => one.Source)];
        if (parts.Run.Facts.GetValueOrDefault(EverythingVerb.PartMerged) is { } merged)
            output ??= Path.GetRelativePath(Environment.CurrentDirectory, Path.GetFullPath(merged, Path.GetFullPath(parts.Items[0].Folder)));
        if (output is null)
            return null;
        if (!parts.Run.Facts.GetValueOrDefault(EverythingVerb.PartFormat, "").StartsWith(ResultFormat.Coco + " ", StringComparison.Ordinal))
            throw new UsageException($"{_output.Name} needs results of --format {ResultFormat.Coco}");
        OutputPath.Require(output, ".json");
        Files.Read(results);
        EverythingFolder.Merge(output, results);
        return output;
    }

    /// <summary>The results, after a check that they exist.</summary>
    private static IEnumerable<(string Source, string Result)> Results(PartSet parts)
    {
        foreach ((string folder, PartItem item) in parts.Items)
        {
            if (item.Error is not null || item.Result is not { } result)
                continue;
            string source = PartResult.In(folder, result);
            if (!File.Exists(source) && !Directory.Exists(source))
                throw new IOException($"{source}: the result of {item.Name} is not there any more; run share {Share.Of(item.Name, parts.Shares)} again");
            yield return (source, result);
        }
    }
}
