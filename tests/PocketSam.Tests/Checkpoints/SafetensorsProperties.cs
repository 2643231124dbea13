using CsCheck;

namespace PocketSam.Tests.Checkpoints;

/// <summary>Whatever is written as safetensors is read as it was.</summary>
public sealed class SafetensorsProperties
{
    private static readonly Gen<(int[] Shape, float[] Values)> Tensor = Gen.Int[0, 6].Array[0, 4].SelectMany(shape =>
        Gen.Float.Array[shape.Aggregate(1, (product, side) => product * side)].Select(values => (shape, values)));

    [Fact]
    public void Tensors_names_and_metadata_come_back()
    {
        using var folder = new TemporaryFolder();
        string path = folder["a.safetensors"];
        Gen.Select(Gen.Dictionary(Gen.String[1, 12], Tensor)[0, 6], Gen.Dictionary(Gen.String[1, 12], Gen.String)[0, 4]).Sample(
            (tensors, metadata) =>
            {
                tensors.Remove("__metadata__");
                Safetensors.Write(
                    path, tensors.Select(t => KeyValuePair.Create(t.Key, StoredTensor.FromFloats(t.Value.Values, t.Value.Shape))),
                    metadata);
                using Checkpoint read = Safetensors.Read(path);
                Assert.Equal(metadata, read.Metadata);
                Assert.Equal(tensors.Count, read.Tensors.Count);
                foreach ((string key, (int[] shape, float[] values)) in tensors)
                {
                    Assert.Equal(shape, read.Tensors[key].Shape);
                    Assert.Equal(
                        values.Select(BitConverter.SingleToInt32Bits),
                        read.Tensors[key].ToFloats().Select(BitConverter.SingleToInt32Bits));
                }
            },
            iter: 200, threads: 1);
    }
}
