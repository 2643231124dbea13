using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Makes a thing that fills the frame from -1 to 1, its top at y = -1.</summary>
internal delegate Thing ThingMaker(Stage stage, Frame frame);
