using CsCheck;
using PocketSam.Models;

namespace PocketSam.Tests.Segmentation;

/// <summary>Laws of where a picture lies in the input, for pictures and inputs of all sizes.</summary>
public sealed class GeometryProperties
{
    private static readonly Gen<ImageGeometry> Geometry = Gen.Select(
        Gen.Int[1, 9000], Gen.Int[1, 9000], Gen.Int[4, 128], Gen.Bool.Select(whole => whole ? 16 : 1),
        (width, height, sixteenths, multiple) => ImageGeometry.For(width, height, 16 * sixteenths, multiple));

    [Fact]
    public void The_longest_side_fills_the_input_and_the_other_keeps_the_shape()
        => Geometry.Sample(geometry =>
        {
            int longest = Math.Max(geometry.ResizedWidth, geometry.ResizedHeight);
            Assert.Equal(geometry.InputSize, longest);
            AssertSide(geometry.Width, geometry.ResizedWidth);
            AssertSide(geometry.Height, geometry.ResizedHeight);

            void AssertSide(int side, int resized)
            {
                Assert.Equal(0, resized % geometry.SideMultiple);
                Assert.True(
                    resized == geometry.SideMultiple
                    || Math.Abs(resized - side * geometry.Scale) <= geometry.SideMultiple / 2.0 + 1e-6);
            }
        });

    [Fact]
    public void Points_of_the_picture_lie_on_its_part_of_the_input_in_their_order()
        => Gen.Select(Geometry, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((geometry, a, b) =>
        {
            PromptToken first = Token(Math.Min(a, b)), second = Token(Math.Max(a, b));
            Assert.True(first.X <= second.X && first.Y <= second.Y);
            Assert.InRange(second.X, 0.5f, geometry.ResizedWidth + 0.5f);
            Assert.InRange(second.Y, 0.5f, geometry.ResizedHeight + 0.5f);

            PromptToken Token(double share)
                => geometry.ToToken(share * geometry.Width, share * geometry.Height, PointLabel.Foreground);
        });
}
