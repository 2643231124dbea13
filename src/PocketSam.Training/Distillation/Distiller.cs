using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>Begins or resumes the distillation of a teacher into a student.</summary>
/// <remarks>
/// While the encoder is trained, batch norm normalizes by the statistics of the batch, including padding as in
/// inference, and updates its running statistics with momentum 0.1. If only the decoder is trained, the running
/// statistics are fixed and folded into the weights.
/// </remarks>
public static class Distiller
{
    private const string Decoders = "prompt_encoder. and mask_decoder.";

    /// <summary>
    /// Begins with a new student of an architecture. Its encoder is initialised randomly, or from a TinyViT trained to
    /// classify ImageNet; prompt encoder and mask decoder are copied from the teacher.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of range, or the options do not fit the source.</exception>
    /// <exception cref="CheckpointFormatException">The classifier is not such a network, or of another
    /// size.</exception>
    /// <exception cref="DataFormatException">The source has embeddings of another teacher or input size.</exception>
    public static TrainingLoop Begin(
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
        return Over(teacher, model, options, source);
    }

    /// <summary>Begins with the weights of a student.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="student">The student's checkpoint.</param>
    /// <param name="keepDecoder">Whether the student keeps its prompt encoder and mask decoder; otherwise the teacher's
    /// are copied.</param>
    /// <param name="options">The options.</param>
    /// <param name="source">The source of pictures.</param>
    /// <exception cref="ArgumentException">An option is out of range, or student and teacher do not fit together.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint has no model.</exception>
    /// <exception cref="DataFormatException">The source has embeddings of another teacher or input size.</exception>
    public static TrainingLoop BeginFrom(
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
        return Over(teacher, model, options, source);
    }

    /// <summary>
    /// Resumes from a checkpoint of <see cref="TrainingLoop.Save"/>, with the same teacher, options and source.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is not of a distillation, or of one with other
    /// options.</exception>
    public static TrainingLoop Resume(Sam teacher, Checkpoint checkpoint, DistillationOptions options, DistillationSource source)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        return Over(teacher, SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, source, checkpoint);
    }

    /// <param name="teacher">The teacher.</param>
    /// <param name="student">The student.</param>
    /// <param name="options">The options; without a teacher's size, the teacher's own is used.</param>
    /// <param name="source">The source of pictures.</param>
    /// <param name="stopped">The checkpoint to resume from; null to begin.</param>
    private static TrainingLoop<DistillationSample> Over(
        Sam teacher, SamModel student, DistillationOptions options, DistillationSource source, Checkpoint? stopped = null)
    {
        int teacherSize = options.TeacherSize ?? teacher.Config.ImageSize;
        options = options with { TeacherSize = teacherSize, Optimizer = options.Optimizer.For(student.Config.Encoder) };
        teacher.Config.ValidateInputSize(teacherSize);
        source.Check(teacher.Model, teacher.Fingerprint, teacherSize);
        foreach (DistillationStage stage in options.Stages)
            Check(stage, student.Config, teacher.Config, options, source);
        string from = $"{teacher.Fingerprint} {ModelIdentity.DecoderFingerprint(teacher.Model)}";
        var state = new TrainingState(
            student, options.Optimizer, $"{options.Describe()} {source.Description} from {from}", options.Stages[^1].Size);
        if (stopped is not null)
            state.Restore(stopped);
        return new TrainingLoop<DistillationSample>(
            state, options, new DistillationStep(student, teacher.Model, options, source));
    }

    /// <summary>Throws if teacher, student or source do not fit a stage.</summary>
    private static void Check(
        DistillationStage stage, SamConfig student, SamConfig teacher, DistillationOptions options, DistillationSource source)
    {
        stage.Sizes.ValidateFor(student);
        DistillationWeights weights = options.WeightsOf(stage);
        int own = student.PromptEmbedDim, taught = teacher.PromptEmbedDim;
        if ((weights.Embedding > 0 || weights.Tokens > 0) && own != taught)
        {
            throw new ArgumentException(
                $"the student's embeddings have {own} channels, the teacher's {taught}: they cannot be compared; give the "
                + "student the teacher's decoder, or set the weights of embeddings and tokens to 0");
        }

        if (weights.Embedding > 0 && student.HighResolutionFeatures)
        {
            throw new ArgumentException(
                $"{student.Name} gives its decoder high-resolution features beside the embedding: set the weight of "
                + "embeddings to 0");
        }

        if (weights.UsesTeacher && student.NumMultimaskOutputs != teacher.NumMultimaskOutputs)
        {
            throw new ArgumentException(
                $"the student gives {student.NumMultimaskOutputs} masks for a click, the teacher "
                + $"{teacher.NumMultimaskOutputs}: they cannot be compared");
        }

        if (weights.Decodes && !source.HasMasks)
        {
            throw new ArgumentException(
                $"stage {stage} asks for objects by box and click, and the pictures come without marked masks: give COCO files, or "
                + $"distil {DistillationScheme.Decoupled.NameOf()}");
        }

        if (weights.Embedding == 0 && !source.AllHaveMasks)
        {
            throw new ArgumentException(
                $"stage {stage} learns from masks only, and some of the pictures have none: leave them out, or give the embeddings a weight");
        }
    }

    /// <summary>Copies the teacher's prompt encoder and mask decoder to the student (MobileSAM, section 3.2).</summary>
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
