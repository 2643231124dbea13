using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>What the prompts of one picture found, in sums over prompts and rounds.</summary>
internal sealed class PictureLosses
{
    public double Tokens { get; private set; }

    public double Masks { get; private set; }

    public double TeacherMasks { get; private set; }

    public double Truth { get; private set; }

    public int Objects { get; private set; }

    /// <summary>IoU with the teacher's masks, of the boxes and of the clicks, in the first round.</summary>
    public double TeacherBoxIou { get; private set; }

    public double TeacherClickIou { get; private set; }

    /// <summary>IoU of the boxes with the marked masks, in the first round.</summary>
    public double TruthBoxIou { get; private set; }

    /// <summary>Adds a round; the first half of its prompts are boxes.</summary>
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

/// <summary>Losses and IoUs of a step; the losses are means with their weights, NaN stands for what the step did not have.</summary>
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

    /// <summary>The sum of the losses there were.</summary>
    public double Total { get; private set; }

    double IStepResult.Loss => Total;

    public IStepProgress Report(StepFacts facts) => new DistillationProgress(
        facts.Step, facts.TotalSteps, stage, Total, Embedding, Tokens, Masks, TeacherMasks, Truth, TeacherBoxIou,
        TeacherClickIou, TruthBoxIou, facts.GradientNorm, facts.LearningRate, Prompts, facts.Seconds, facts.WaitSeconds);

    /// <summary>Takes in the distance of the embeddings.</summary>
    public void AddEmbedding(double loss)
    {
        Embedding = loss;
        Total += loss;
    }

    /// <summary>Takes in the pictures' prompts, whose losses are means over <paramref name="prompts"/> times the rounds.</summary>
    public void Add(IReadOnlyList<PictureLosses> pictures, int prompts, int rounds, DistillationWeights weights)
    {
        double scale = 1.0 / ((double)prompts * rounds), objects = pictures.Sum(p => p.Objects);
        Prompts = prompts;
        Tokens = Of(weights.Tokens, p => p.Tokens);
        Masks = Of(weights.Masks, p => p.Masks);
        TeacherMasks = Of(weights.TeacherMasks, p => p.TeacherMasks);
        Truth = Of(weights.Truth, p => p.Truth);
        TeacherBoxIou = pictures.Sum(p => p.TeacherBoxIou) / objects;
        TeacherClickIou = pictures.Sum(p => p.TeacherClickIou) / objects;
        TruthBoxIou = pictures.Sum(p => p.TruthBoxIou) / objects;

        double Of(float weight, Func<PictureLosses, double> loss)
        {
            if (weight == 0)
                return double.NaN;
            double mean = scale * pictures.Sum(loss);
            Total += mean;
            return mean;
        }
    }
}
