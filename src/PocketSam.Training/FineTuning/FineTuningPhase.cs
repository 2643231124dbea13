namespace PocketSam.Training.FineTuning;

/// <summary>The parts of a fine-tuning, in their order.</summary>
public enum FineTuningPhase
{
    /// <summary>The model is measured on the pictures that are kept back.</summary>
    MeasuringBefore,

    /// <summary>Pictures are encoded, each in several ways.</summary>
    Encoding,

    /// <summary>The mask decoder learns from the embeddings.</summary>
    Decoder,

    /// <summary>All layers learn.</summary>
    AllLayers,

    /// <summary>The tuned model is measured.</summary>
    MeasuringAfter,
}
