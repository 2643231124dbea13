using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Fills a stage: the background and things from back to front.</summary>
internal delegate Scene Composition(Stage stage);
