using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Pictures;

/// <summary>Converts the progress of an evaluation to a fraction.</summary>
/// <param name="target">Receives the fraction, 0 to 1.</param>
internal sealed class PicturesDone(IProgress<double> target) : IProgress<EvaluationProgress>
{
    public void Report(EvaluationProgress value) => target.Report((double)value.Pictures / value.AllPictures);
}
