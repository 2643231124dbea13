using System.Diagnostics;
using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Distils a teacher into a student. Pictures, prompts and rounds of a step follow from the seed and the step alone, so a
/// distillation that was stopped and resumed gives the same numbers as one that was not.
/// </summary>
/// <remarks>
/// Batch norm uses the statistics of the batch while the encoder learns, its padding included as in inference, and moves
/// its running ones by a tenth; where only the decoder learns they stay and are folded in.
/// </remarks>
public sealed class Distiller : ITraining
{
    private const string Decoders = "prompt_encoder. and mask_decoder.";

    private readonly DistillationOptions _options;
    private readonly DistillationSource _source;
    private readonly TrainingState _state;
    private readonly SamModel _teacher;

    private Distiller(Sam teacher, SamModel student, DistillationOptions options, DistillationSource source)
    {
        _teacher = teacher.Model;
        int teacherSize = options.TeacherSize ?? _teacher.Config.ImageSize;
        _options = options = options with { TeacherSize = teacherSize };
        _source = source;
        _teacher.Config.ValidateInputSize(teacherSize);
        source.Check(_teacher, teacher.Fingerprint, teacherSize);
        foreach (DistillationStage stage in options.Stages)
            Check(stage, student);
        _state = new TrainingState(
            student, options.Optimizer, $"{options.Describe()} {source.Description} from {teacher.Fingerprint} {ModelIdentity.DecoderFingerprint(_teacher)}",
            options.Stages[^1].Size);
    }

    /// <inheritdoc/>
    public long Step => _state.Step;

    /// <inheritdoc/>
    public int CheckpointEvery => _options.CheckpointEvery;

    /// <inheritdoc/>
    public IEnumerable<(int Size, int Steps, int BatchSize)> Course => _options.Course;

    /// <summary>The student.</summary>
    internal SamModel Model => _state.Model;

    /// <summary>
    /// A student of an architecture: its encoder with first values, or those of a TinyViT that classifies ImageNet, before
    /// a copy of the teacher's prompt encoder and mask decoder.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of range, or the options do not fit the source.</exception>
    /// <exception cref="CheckpointFormatException">The classifier is none, or of another size.</exception>
    /// <exception cref="DataFormatException">The source holds embeddings of another teacher or input size.</exception>
    public static Distiller Begin(
        Sam teacher, SamConfig student, DistillationOptions options, DistillationSource source, Checkpoint? classifier = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        SamConfig config = teacher.Config with
        {
            Name = student.Name,
            Encoder = student.Encoder,
            ImageSize = student.ImageSize,
            HighResolutionFeatures = student.HighResolutionFeatures,
        };
        SamModel model = SamModel.Create(config, options.Seed);
        if (classifier is not null)
            TinyVitPretraining.Load(classifier, model);
        CopyDecoder(teacher, model);
        return new Distiller(teacher, model, options, source);
    }

    /// <summary>A student that knows something already.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="student">The student's file.</param>
    /// <param name="keepDecoder">Whether it keeps its own prompt encoder and mask decoder, else the teacher's are copied.</param>
    /// <param name="options">How it is distilled.</param>
    /// <param name="source">Where pictures come from.</param>
    /// <exception cref="ArgumentException">An option is out of range, or student and teacher do not fit together.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no model.</exception>
    /// <exception cref="DataFormatException">The source holds embeddings of another teacher or input size.</exception>
    public static Distiller BeginFrom(
        Sam teacher, Checkpoint student, bool keepDecoder, DistillationOptions options, DistillationSource source)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        SamModel model = SamModel.FromCheckpoint(TrainingState.ModelOf(student));
        if (!keepDecoder)
            CopyDecoder(teacher, model);
        return new Distiller(teacher, model, options, source);
    }

    /// <summary>Goes on where a checkpoint of <see cref="Save"/> stopped, with the same teacher, options and source.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is not one of a distillation, or of one with other options.</exception>
    public static Distiller Resume(Sam teacher, Checkpoint checkpoint, DistillationOptions options, DistillationSource source)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Distiller distiller = BeginFrom(teacher, checkpoint, keepDecoder: true, options, source);
        distiller._state.Restore(checkpoint);
        return distiller;
    }

    /// <inheritdoc/>
    public bool Run(Action<IStepProgress> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        ulong seed = RandomStream.Scramble((ulong)_options.Seed);
        int teacherSize = _options.TeacherSize!.Value;
        int sideMultiple = Math.Max(_teacher.Config.Encoder.SideMultiple, Model.Config.Encoder.SideMultiple);
        return _state.Run<DistillationSample>(
            _options,
            (stage, number) => _source.Make(
                seed, number, _options.Stages[stage].Size, teacherSize, _options.MasksPerImage, sideMultiple),
            (stage, loader) => onStep(OneStep(_options.Stages[stage], loader)), cancellation);
    }

    /// <inheritdoc/>
    public void Save(string path) => _state.Save(path);

    /// <inheritdoc/>
    public void SaveModel(string path, DataType type) => _state.SaveModel(path, type);

    /// <inheritdoc/>
    public T WithAverages<T>(Func<Sam, T> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        return _state.WithAverages(() => use(Sam.Over(Model)));
    }

    private DistillationProgress OneStep(DistillationStage stage, SampleLoader<DistillationSample> loader)
    {
        long start = Stopwatch.GetTimestamp();
        DistillationSample[] samples = loader.Next(stage.BatchSize);
        double waited = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ulong seed = RandomStream.Scramble((ulong)_options.Seed ^ RandomStream.Scramble((ulong)Step));
        float rate = _options.RateOf(Step);
        DistillationLosses losses = new DistillationStep(Model, _teacher, _options).Run(samples, stage, seed);
        float norm = _state.Update(losses.Total, rate);
        return new DistillationProgress(
            Step, _options.TotalSteps, stage, losses.Total, losses.Embedding, losses.Tokens, losses.Masks,
            losses.TeacherMasks, losses.Truth, losses.TeacherBoxIou, losses.TeacherClickIou, losses.TruthBoxIou, norm, rate,
            losses.Prompts, Stopwatch.GetElapsedTime(start).TotalSeconds, waited);
    }

    /// <summary>Throws where a stage asks for what teacher, student and source cannot give together.</summary>
    private void Check(DistillationStage stage, SamModel student)
    {
        student.Config.ValidateInputSize(stage.Size);
        DistillationWeights weights = _options.WeightsOf(stage);
        int own = student.Config.PromptEmbedDim, taught = _teacher.Config.PromptEmbedDim;
        if ((weights.Embedding > 0 || weights.Tokens > 0) && own != taught)
        {
            throw new ArgumentException(
                $"the student's embeddings have {own} channels, the teacher's {taught}: they cannot be compared; give the "
                + "student the teacher's decoder, or set the weights of embeddings and tokens to 0");
        }

        if (weights.Embedding > 0 && student.Config.HighResolutionFeatures)
        {
            throw new ArgumentException(
                $"{student.Config.Name} gives its decoder high-resolution features beside the embedding: set the weight of "
                + "embeddings to 0");
        }

        if (weights.AsksTeacher && student.Config.NumMultimaskOutputs != _teacher.Config.NumMultimaskOutputs)
        {
            throw new ArgumentException(
                $"the student gives {student.Config.NumMultimaskOutputs} masks for a click, the teacher "
                + $"{_teacher.Config.NumMultimaskOutputs}: they cannot be compared");
        }

        if (weights.Decodes && !_source.HasMasks)
        {
            throw new ArgumentException(
                $"stage {stage} asks for objects by box and click, and the pictures come without marked masks: give COCO files, or "
                + $"distil {DistillationScheme.Decoupled.NameOf()}");
        }
    }

    /// <summary>The student's prompt encoder and mask decoder become the teacher's (MobileSAM, section 3.2).</summary>
    private static void CopyDecoder(Sam teacher, SamModel student)
    {
        if (teacher.Config.DecoderHeads != student.Config.DecoderHeads)
        {
            throw new ArgumentException(
                $"the teacher's {Decoders} do not fit the student: it has {student.Config.DecoderHeads} attention heads, "
                + $"{teacher.Name} {teacher.Config.DecoderHeads}");
        }

        var known = teacher.Model.State.Entries.ToDictionary(e => e.Key);
        foreach (StateEntry entry in student.State.Entries.Where(e => !e.Key.StartsWith("image_encoder.", StringComparison.Ordinal)))
        {
            if (!known.TryGetValue(entry.Key, out StateEntry? source) || !source.StoredShape.SequenceEqual(entry.StoredShape))
            {
                throw new ArgumentException(
                    $"the teacher's {Decoders} do not fit the student: {entry.Key} has the shape "
                    + $"[{string.Join(", ", entry.StoredShape)}] there"
                    + (source is null ? "" : $", [{string.Join(", ", source.StoredShape)}] in {teacher.Name}"));
            }

            entry.FromStored(source.ToStored());
        }
    }
}
