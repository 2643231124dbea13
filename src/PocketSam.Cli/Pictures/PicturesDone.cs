using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Pictures;

/// <summary>Pictures that were evaluated as a fraction of all.</summary>
/// <param name="target">Told the fraction.</param>
internal sealed class PicturesDone(IProgress<double> target) : IProgress<EvaluationProgress>
{
    public void Report(EvaluationProgress value) => target.Report((double)value.Pictures / value.AllPictures);
}
