using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>Losses and IoUs of the prompts of one picture, as sums over prompts and rounds.</summary>
internal sealed class PictureLosses
{
    public double Tokens { get; private set; }

    public double Masks { get; private set; }

    public double TeacherMasks { get; private set; }

    public double Truth { get; private set; }

    public int Objects { get; private set; }

    /// <summary>Sum of the IoUs with the teacher's masks in the first round, of boxes and of clicks.</summary>
    public double TeacherBoxIou { get; private set; }

    public double TeacherClickIou { get; private set; }

    /// <summary>Sum of the IoUs of boxes with the annotated masks in the first round.</summary>
    public double TruthBoxIou { get; private set; }

    /// <summary>The sums over the pictures.</summary>
    public static PictureLosses Total(IReadOnlyList<PictureLosses> pictures) => From(
    [
        pictures.Sum(p => p.Tokens), pictures.Sum(p => p.Masks), pictures.Sum(p => p.TeacherMasks), pictures.Sum(p => p.Truth),
        pictures.Sum(p => p.Objects), pictures.Sum(p => p.TeacherBoxIou), pictures.Sum(p => p.TeacherClickIou),
        pictures.Sum(p => p.TruthBoxIou),
    ]);

    /// <summary>
    /// The sums as an array, to be summed over all parts of a batch; <see cref="From"/> is the inverse.
    /// </summary>
    public double[] ToSums()
        => [Tokens, Masks, TeacherMasks, Truth, Objects, TeacherBoxIou, TeacherClickIou, TruthBoxIou];

    /// <summary>The losses from the array of <see cref="ToSums"/>.</summary>
    public static PictureLosses From(ReadOnlySpan<double> sums) => new()
    {
        Tokens = sums[0], Masks = sums[1], TeacherMasks = sums[2], Truth = sums[3], Objects = (int)sums[4], TeacherBoxIou = sums[5],
        TeacherClickIou = sums[6], TruthBoxIou = sums[7],
    };

    /// <summary>Adds a round, whose prompts are boxes in the first half and clicks in the second.</summary>
    public void Add(PromptLosses round, int objects, bool isFirst)
    {
        Tokens += round.Tokens;
        Masks += round.Masks;
        TeacherMasks += round.TeacherMasks;
        Truth += round.Truth;
        if (!isFirst)
            return;
        Objects = objects;
        TeacherBoxIou = round.TeacherIou.Take(objects).Sum(v => (double)v);
        TeacherClickIou = round.TeacherIou.Skip(objects).Sum(v => (double)v);
        TruthBoxIou = round.TruthIou.Take(objects).Sum(v => (double)v);
    }
}

/// <summary>
/// Losses and IoUs of a step. Losses are means including their weights; NaN if the step does not have them.
/// </summary>
internal sealed class DistillationLosses(DistillationStage stage) : IStepResult
{
    public double Embedding { get; private set; } = double.NaN;

    public double Tokens { get; private set; } = double.NaN;

    public double Masks { get; private set; } = double.NaN;

    public double TeacherMasks { get; private set; } = double.NaN;

    public double Truth { get; private set; } = double.NaN;

    public double TeacherBoxIou { get; private set; } = double.NaN;

    public double TeacherClickIou { get; private set; } = double.NaN;

    public double TruthBoxIou { get; private set; } = double.NaN;

    public int Prompts { get; private set; }

    /// <summary>The sum of the losses.</summary>
    public double Total { get; private set; }

    double IStepResult.Loss => Total;

    public IStepProgress Report(StepFacts facts) => new DistillationProgress(
        facts.Step, facts.TotalSteps, stage, Total, Embedding, Tokens, Masks, TeacherMasks, Truth, TeacherBoxIou,
        TeacherClickIou, TruthBoxIou, facts.GradientNorm, facts.LearningRate, Prompts, facts.Seconds, facts.WaitSeconds);

    /// <summary>Adds the loss of the embeddings.</summary>
    public void AddEmbedding(double loss)
    {
        Embedding = loss;
        Total += loss;
    }

    /// <summary>
    /// Adds the batch's prompts, whose losses are averaged over <paramref name="prompts"/> and rounds.
    /// </summary>
    public void Add(PictureLosses batch, int prompts, int rounds, DistillationWeights weights)
    {
        double scale = 1.0 / ((double)prompts * rounds), objects = batch.Objects;
        Prompts = prompts;
        Tokens = Of(weights.Tokens, batch.Tokens);
        Masks = Of(weights.Masks, batch.Masks);
        TeacherMasks = Of(weights.TeacherMasks, batch.TeacherMasks);
        Truth = Of(weights.Truth, batch.Truth);
        TeacherBoxIou = batch.TeacherBoxIou / objects;
        TeacherClickIou = batch.TeacherClickIou / objects;
        TruthBoxIou = batch.TruthBoxIou / objects;

        double Of(float weight, double loss)
        {
            if (weight == 0)
                return double.NaN;
            double mean = scale * loss;
            Total += mean;
            return mean;
        }
    }
}
