namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>How light falls on a surface.</summary>
/// <param name="Roundness">0 is flat; 1 turns away from the light towards its edges like a ball.</param>
/// <param name="Slope">How much lighter the lit side is than the other; 0 for none.</param>
internal readonly record struct Relief(float Roundness, float Slope)
{
    public static Relief None => default;
}
