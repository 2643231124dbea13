using System.Diagnostics;
using System.Text.Json;
using PocketSam.Onnx;

namespace PocketSam.Tests.Onnx;

/// <summary>An exported pair in <c>onnxruntime-node</c>, by a program that shares nothing with this project.</summary>
public sealed class NodeClientTests
{
    private static readonly string[] Cases = ["point", "points", "box_point"];

    [Theory]
    [InlineData("vit_t_641x427")]
    [InlineData("vit_t_300x701")]
    public void A_program_of_JavaScript_finds_the_masks_of_the_reference(string file)
    {
        string module = Path.Combine(Repository.Root, "artifacts", "node", "node_modules", "onnxruntime-node");
        Assert.SkipWhen(!Directory.Exists(module), "there is no onnxruntime-node: 'make node' installs it");
        var golden = new GoldenPicture(file);
        OnnxPair pair = ExportedModels.Export(file);
        RgbImage resized = golden.Resized;
        string folder = ExportedModels.NewFolder(), pixels = Path.Combine(folder, "pixels"), answer = Path.Combine(folder, "answer");
        string request = Path.Combine(folder, "request.json");
        File.WriteAllBytes(pixels, resized.Pixels.ToArray());
        File.WriteAllText(request, JsonSerializer.Serialize(new
        {
            module, encoder = Path.GetFullPath(pair.Encoder), decoder = Path.GetFullPath(pair.Decoder), pixels, answer,
            width = resized.Width, height = resized.Height, size = GoldenPicture.Size, original = new[] { golden.Image.Height, golden.Image.Width },
            prompts = Cases.Select(name => new { coordinates = golden.Prompt(name).Coordinates, labels = golden.Prompt(name).Labels }),
        }));
        Run("node", Path.Combine(AppContext.BaseDirectory, "client.cjs"), request);

        byte[] masks = File.ReadAllBytes(answer);
        int area = golden.Image.Width * golden.Image.Height;
        for (int i = 0; i < Cases.Length; i++)
        {
            // The first of four is for unambiguous prompts.
            for (int m = 0; m < 3; m++)
            {
                float[] found = [.. masks.AsSpan((4 * i + 1 + m) * area, area).ToArray().Select(bit => bit - 0.5f)];
                GoldenExportTests.AssertMask(golden.Mask(Cases[i], m), found);
            }
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }
}
