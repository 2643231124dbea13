namespace PocketSam;

/// <summary>An object whose class is known.</summary>
/// <param name="Features">What it looks like (<see cref="ObjectClassifier.Describe"/>).</param>
/// <param name="Class">A number for its class; null for a mask that is of none of them.</param>
/// <param name="Picture">The name of its picture: objects of one picture are held out together.</param>
public sealed record ObjectExample(IReadOnlyList<float> Features, long? Class, string Picture);
