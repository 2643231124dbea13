namespace PocketSam.Training.Evaluation;

/// <summary>The position of the first click (SAM, appendix D.1).</summary>
public enum FirstPoint
{
    /// <summary>The pixel of the object farthest from its edge.</summary>
    Center,

    /// <summary>A random pixel of the object, uniformly distributed.</summary>
    Random,
}
