namespace PocketSam.Training.FineTuning;

/// <summary>The parts of a fine-tuning, in their order.</summary>
public enum FineTuningPhase
{
    /// <summary>The model is measured on the pictures that are kept back.</summary>
    MeasuringBefore,

    /// <summary>Pictures are read.</summary>
    Reading,

    /// <summary>From clicks on the pictures it is learned which mask is shown first.</summary>
    Choosing,

    /// <summary>All layers learn.</summary>
    AllLayers,

    /// <summary>The tuned model is measured.</summary>
    MeasuringAfter,
}
