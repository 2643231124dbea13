using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>Noisy rectangles of one colour each on a noisy ground, with their masks: pictures that no generator changes.</summary>
internal sealed class RectanglePictures : ITrainingSource
{
    private const int Columns = 3, Rows = 2, Cell = 32, Width = Columns * Cell, Height = Rows * Cell, Noise = 24;

    public string Name => "rectangles";

    public TrainingPicture Draw(ulong seed)
    {
        var random = new RandomStream(seed);
        var image = new RgbImage(Width, Height);
        var masks = new List<BinaryMask>();
        Paint(image, new PixelBox(0, 0, Width, Height), random);
        for (int i = 0; i < Columns * Rows; i++)
        {
            int width = random.Between(12, Cell), height = random.Between(12, Cell);
            var box = new PixelBox(
                i % Columns * Cell + random.Between(0, Cell - width), i / Columns * Cell + random.Between(0, Cell - height),
                width, height);
            Paint(image, box, random);
            var mask = new BinaryMask(Width, Height);
            mask.Fill(box);
            masks.Add(mask);
        }

        return new TrainingPicture(image, masks);
    }

    private static void Paint(RgbImage image, PixelBox box, RandomStream random)
    {
        int[] color = [random.Below(256 - Noise), random.Below(256 - Noise), random.Below(256 - Noise)];
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            for (int i = 3 * (y * Width + box.X); i < 3 * (y * Width + box.X + box.Width); i++)
                image.Pixels[i] = (byte)(color[i % 3] + random.Below(Noise));
        }
    }
}
