namespace PocketSam.Training.Evaluation;

/// <summary>Where the first of several clicks goes (SAM, appendix D.1).</summary>
public enum FirstPoint
{
    /// <summary>The pixel of the object farthest from its edge.</summary>
    Center,

    /// <summary>A pixel of the object, each as likely, drawn by a seed.</summary>
    Random,
}
