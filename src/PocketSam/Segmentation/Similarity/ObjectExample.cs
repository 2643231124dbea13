namespace PocketSam;

/// <summary>An object with a known class.</summary>
/// <param name="Features">Its features (<see cref="ObjectClassifier.Describe"/>).</param>
/// <param name="Class">The number of its class; null for a mask of no class.</param>
/// <param name="Picture">The name of its picture; objects of one picture are held out together.</param>
public sealed record ObjectExample(IReadOnlyList<float> Features, long? Class, string Picture);
