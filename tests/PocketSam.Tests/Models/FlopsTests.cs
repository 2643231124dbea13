using PocketSam.Models;

namespace PocketSam.Tests.Models;

public sealed class FlopsTests
{
    /// <summary>Every product of vit_t at 1024, written down by hand: count, rows, inner size, columns.</summary>
    private static readonly (int Count, long M, long K, long N)[] EncoderProducts =
    [
        (1, 262144, 27, 32), (1, 65536, 288, 64),                                   // patches
        (2, 65536, 64, 256), (2, 65536, 9, 256), (2, 65536, 256, 64),               // MBConv
        (1, 65536, 64, 128), (1, 16384, 9, 128), (1, 16384, 128, 128),              // to 128 x 128
        (2, 17689, 128, 384), (2, 17689, 49, 256), (2, 16384, 128, 128),            // 19 x 19 windows of 49
        (2, 16384, 9, 128), (2, 16384, 128, 1024),
        (1, 16384, 128, 160), (1, 4096, 9, 160), (1, 4096, 160, 160),               // to 64 x 64
        (6, 4900, 160, 480), (6, 4900, 196, 320), (6, 4096, 160, 160),              // 5 x 5 windows of 196
        (6, 4096, 9, 160), (6, 4096, 160, 1280),
        (1, 4096, 160, 320), (1, 4096, 9, 320), (1, 4096, 320, 320),                // the same resolution
        (2, 4900, 320, 960), (2, 4900, 49, 640), (2, 4096, 320, 320),               // 10 x 10 windows of 49
        (2, 4096, 9, 320), (2, 4096, 320, 2560),
        (1, 4096, 320, 256), (1, 4096, 2304, 256),                                  // neck
    ];

    [Fact]
    public void Encoder_is_the_sum_of_its_products()
    {
        long expected = EncoderProducts.Sum(p => p.Count * p.M * p.K * p.N);

        Assert.Equal(expected, Flops.Encoder(ModelZoo.VitT, 1024));

        // The reference also projects the padding of the windows, which is thrown away afterwards: 38.8e9.
        long padding = 2 * 1305L * 128 * 128 + 6 * 804L * 160 * 160 + 2 * 804L * 320 * 320;
        Assert.InRange(expected + padding, 38.7e9, 38.9e9);
    }

    [Fact]
    public void Vit_is_the_sum_of_its_products()
    {
        const long N = 4096, C = 768;
        long windowed = N * C * 12 * C + 2 * N * 196 * C + N * C * 28;
        long global = N * C * 12 * C + 2 * N * N * C + N * C * 128;
        long expected = N * 768 * C + 8 * windowed + 4 * global + N * C * 256 + N * 2304 * 256;

        Assert.Equal(expected, Flops.Encoder(ModelZoo.VitB, 1024));

        // The reference also computes the padding of its 5 x 5 windows: queries, keys, values, results. With the
        // decoder 487e9 are published.
        long padding = 8 * 804 * (4 * C * C + 2 * 196 * C + 28 * C);
        Assert.InRange(expected + padding + Flops.Decoder(ModelZoo.VitB, 1024, promptTokens: 2), 486.5e9, 488.5e9);
    }

    [Fact]
    public void Decoder_is_the_sum_of_its_products()
    {
        const long N = 4096, T = 7, C = 256, D = 128;
        long self = 4 * T * C * C + 2 * T * T * C;
        long cross = 2 * T * C * D + 2 * N * C * D + 2 * T * N * D;
        long upscaling = N * 256 * 256 + 4 * N * 64 * 128;
        long heads = 4 * (2 * C * C + C * 32) + 16 * N * 32 * 4 + (2 * C * C + C * 4);
        long expected = 2 * (self + 2 * cross + 2 * T * C * 2048) + cross + upscaling + heads;

        Assert.Equal(expected, Flops.Decoder(ModelZoo.VitT, 1024, promptTokens: 2));
        Assert.InRange(expected, 1.80e9, 1.82e9);
    }

    [Fact]
    public void The_rearranged_decoder_is_the_sum_of_its_products()
    {
        const long N = 4096, T = 7, C = 256, D = 128, Heads = 8;
        long self = 4 * T * C * C + 2 * T * T * C, mlp = 2 * T * C * 2048, projection = T * C * D;

        // Layer 1: scores and sum of tokens to image, scores of image to tokens, its output. Then whole rows.
        long first = 3 * N * T * D + N * Heads * T * C, second = 2 * N * Heads * T * C;
        long passes = first + second + second + second;
        long toImage = 2 * projection + 4 * projection + 4 * projection, toTokens = 3 * projection + 4 * projection;
        long transformer = 2 * (self + mlp) + passes + toImage + toTokens + (2 * C * C + C * 4);
        long upscaling = N * 256 * 256 + 4 * N * 64 * 128 + 3 * (2 * C * C + C * 32 + 16 * N * 32);

        Assert.Equal(transformer, Flops.BatchedDecoder(ModelZoo.VitT, 1024, promptTokens: 2, upscaled: 0));
        Assert.Equal(transformer + upscaling, Flops.BatchedDecoder(ModelZoo.VitT, 1024, promptTokens: 2, upscaled: 3));
        Assert.InRange(transformer, 0.44e9, 0.46e9);
    }
}
