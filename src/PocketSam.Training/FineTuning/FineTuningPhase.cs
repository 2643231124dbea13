namespace PocketSam.Training.FineTuning;

/// <summary>The phases of a fine-tuning, in order.</summary>
public enum FineTuningPhase
{
    /// <summary>Measures the original model on held-out pictures.</summary>
    MeasuringBefore,

    /// <summary>Reads the training pictures.</summary>
    Reading,

    /// <summary>Fits the choice of the mask that is shown first, from clicks on the training pictures.</summary>
    Choosing,

    /// <summary>Trains all layers.</summary>
    AllLayers,

    /// <summary>Measures the tuned models on held-out pictures.</summary>
    MeasuringAfter,
}
