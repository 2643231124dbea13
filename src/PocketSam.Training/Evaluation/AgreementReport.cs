using System.Text.Json;

namespace PocketSam.Training.Evaluation;

/// <summary>The result of a comparison, as <c>pocketsam evaluate --teacher --json</c> writes it.</summary>
/// <param name="Model">The student's name or file.</param>
/// <param name="Teacher">The teacher's name or file.</param>
/// <param name="Data">The data set's file.</param>
/// <param name="Images">Number of pictures with at least one mask that prompts are made from.</param>
/// <param name="Masks">Number of masks that prompts are made from.</param>
/// <param name="Protocols">Results by <see cref="AgreementProtocol.Name"/>, in the requested order.</param>
public sealed record AgreementReport(
    string Model, string Teacher, string Data, int Images, int Masks,
    IReadOnlyDictionary<string, AgreementResult> Protocols)
{
    /// <summary>The report as a table.</summary>
    public MeasureReport ToMeasure() => new(
        "agreement with " + Teacher, Model, Data,
        new Dictionary<string, string> { ["masks"] = Masks.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        [
            new MeasureTable(
                "by prompt", ["mean IoU", "of the masks ranked first", "masks", "left out"],
                [
                    .. Protocols.Select(p => new MeasureRow(
                        p.Key, [p.Value.MeanIou, p.Value.FirstRankedMeanIou, p.Value.Masks, p.Value.LeftOut])),
                ]),
        ])
    {
        Images = Images,
    };

    /// <summary>Writes the report as indented UTF-8 JSON, with the properties' names in snake case as keys.</summary>
    public void WriteJson(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        JsonSerializer.Serialize(stream, this, EvaluationJsonContext.Default.AgreementReport);
    }
}
