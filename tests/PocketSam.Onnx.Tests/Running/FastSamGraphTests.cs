using Microsoft.ML.OnnxRuntime.Tensors;
using PocketSam.Benchmarks;
using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;
using PocketSam.Tensors;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Tests.Onnx;

/// <summary>The graph that FastSAM is measured against computes the same network.</summary>
public class FastSamGraphTests
{
    private const int Width = 160, Height = 128;

    [Fact]
    public unsafe void It_computes_what_the_network_does()
    {
        string file = GoldenFiles.Require("fastsam/tiny.safetensors");
        using Checkpoint checkpoint = CheckpointFile.Read(file);
        YoloSegmenter network = YoloSegmenter.FromCheckpoint(checkpoint);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");
        try
        {
            using (FileStream stream = File.Create(path))
                new FastSamGraph(YoloConfig.FromCheckpoint(checkpoint), (key, _) => checkpoint.Tensors[key].ToFloats()).Write(stream, Width, Height);
            var random = new Random(7);
            float[] pixels = [.. Enumerable.Range(0, 3 * Width * Height).Select(_ => random.NextSingle())];
            float[] planes = [.. Enumerable.Range(0, pixels.Length).Select(i => pixels[i % (Width * Height) * 3 + i / (Width * Height)])];
            using var graph = new OrtFile(path);
            Dictionary<string, DenseTensor<float>> found = graph.Run(("images", planes, [1, 3, Height, Width]));

            using Tape tape = Tape.Inference();
            Tensor input = Tensor.From(pixels, Height, Width, 3);
            YoloOutput expected = network.Forward(new FeatureMap(input.Data, Height, Width, 3));
            DenseTensor<float> output = found["output0"], prototypes = found["output1"];
            Assert.Equal(expected.Anchors, output.Dimensions[2]);
            for (int anchor = 0; anchor < expected.Anchors; anchor++)
            {
                (float x, float y, float width, float height) = expected.Box(anchor);
                float[] own = [x, y, width, height, expected.Score(anchor), .. expected.CoefficientsOf(anchor)];
                for (int row = 0; row < own.Length; row++)
                    Assert.Equal(own[row], output[0, row, anchor], 1e-3f * Math.Max(1, MathF.Abs(own[row])));
            }

            FeatureMap map = expected.Prototypes;
            for (int pixel = 0; pixel < map.Pixels; pixel++)
            {
                for (int channel = 0; channel < map.Channels; channel++)
                {
                    float own = map.Data[pixel * map.Stride + channel];
                    Assert.Equal(own, prototypes[0, channel, pixel / map.Width, pixel % map.Width], 1e-3f * Math.Max(1, MathF.Abs(own)));
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
