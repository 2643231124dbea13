using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>A training step with annotated masks, for all weights that are not frozen.</summary>
internal sealed class MaskStep(SamModel model, TrainingOptions options, SourceMix sources) : ITrainingStep<TrainingSample>
{
    public int SizeMultiple => model.Config.Encoder.InputMultiple;

    public TrainingSample Draw(int stage, int size, ulong seed, ulong number) => TrainingSample.Draw(
        sources, RandomStream.Scramble(seed ^ RandomStream.Scramble(number)), size,
        options.MasksPerImage, model.Config.Encoder.SideMultiple);

    public IStepResult Run(int stage, int size, IReadOnlyList<TrainingSample> samples, ulong seed)
    {
        TrainingStage place = options.Stages[stage] with { Size = size, SmallestSize = size };
        int rounds = new RandomStream(seed).Below(options.CorrectionRounds + 1);
        model.State.SetTraining(entry => options.Optimizer.RateOf(entry.Key) > 0, batchStatistics: true);
        MaskLossOptions loss = place.Focal
            ? MaskLossOptions.Sam : MaskLossOptions.Default with { CrossEntropy = options.CrossEntropy };
        bool singleFirst = model.Config.FirstMask == FirstMask.Single;
        int first = options.PartOf(place.BatchSize).First;
        var buckets = GradientBuckets.Of(options.Ranks, model.State, options.Optimizer);
        return new Result(place, new MaskBatch(model, options.Ranks, buckets).Run(
            samples, place.Size, rounds, loss with { SingleMaskFirst = singleFirst }, seed, first));
    }

    private sealed record Result(TrainingStage Stage, MaskResult Found) : IStepResult
    {
        public double Loss => Found.Loss;

        public IStepProgress Report(StepFacts facts) => new TrainingProgress(
            facts.Step, facts.TotalSteps, Stage, Loss, Found.BoxIou, Found.ClickIou, Found.CorrectedIou,
            facts.GradientNorm, facts.LearningRate, Found.Prompts, facts.Seconds);
    }
}
