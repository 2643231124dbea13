namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>The base patterns of materials.</summary>
internal enum PatternKind
{
    Flat,
    Linear,
    Radial,
    Noise,
    Stripes,
    Checks,
    Plaid,
    Bricks,
    Dots,
}
