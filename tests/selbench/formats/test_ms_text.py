import gzip
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from selbench.errors import DataError
from selbench.formats import ms_text
from selbench.formats.ms_text import read_ms, read_ms_windows, write_ms
from selbench.windows import Windows

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference" / "output"

TWO_WINDOWS = """ms 4 2 -t 3.2
1 2 3

//
segsites: 2
positions: 0.250 1.000
01
00
10
11

//
segsites: 0

"""


def read_text(text, **options):
    return read_ms_windows(io.StringIO(text), **{"sequence_length": 1000, **options})


def read_naively(text):
    """Parse ms text with one regular expression per block: (positions, rows) of each window."""
    windows = []
    for block in re.split(r"(?m)^//.*$", text)[1:]:
        found = re.search(r"segsites: (\d+)\s*(?:positions: (.*)\n((?:[0-9a-z]+\n?)+))?", block)
        rows = found[3].split() if found[3] else []
        windows.append(([float(p) for p in (found[2] or "").split()], rows))
    return windows


def derived_alleles(rows, n_haplotypes):
    """Turn printed rows into 0/1 (n_sites, n_haplotypes)."""
    return np.array([[c != "0" for c in row] for row in rows]).reshape(n_haplotypes, -1).T


def test_reads_positions_alleles_and_empty_windows():
    windows = read_text(TWO_WINDOWS)
    assert windows.spec.n_haplotypes == 4
    assert_array_equal(windows.n_sites, [2, 0])
    assert_array_equal(windows.haplotypes, [[0, 0, 1, 1], [1, 0, 0, 1]])
    assert_array_equal(windows.positions, [250, np.nextafter(1000, 0)])
    assert windows.polarisation == "ancestral"


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the recorded outputs of the real programs are absent")
@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.txt")), ids=lambda path: path.stem)
def test_reads_what_the_real_programs_print(path):
    expected = read_naively(path.read_text())
    windows = read_ms_windows(path, sequence_length=1000, whole=False)
    assert len(windows) == len(expected) > 0
    for (haplotypes, positions), (relative, rows) in zip(windows, expected, strict=True):
        assert_array_equal(positions, np.array(relative) * 1000)
        assert_array_equal(haplotypes, derived_alleles(rows, windows.spec.n_haplotypes))


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the recorded outputs of the real programs are absent")
def test_drops_a_marked_column_that_every_haplotype_shares():
    path = REFERENCE / "msms_imagene_sel0_epoch3.txt"
    printed = read_ms_windows(path, sequence_length=80_000, whole=False)
    kept = read_ms_windows(path, sequence_length=80_000, whole=False, drop_monomorphic=True)
    assert_array_equal(kept.parameters["n_monomorphic_dropped"], printed.n_sites - kept.n_sites)
    derived = printed.haplotypes.sum(axis=1)
    assert_array_equal(kept.positions, printed.positions[(derived > 0) & (derived < 128)])
    assert len(kept.positions) < len(printed.positions)


def test_reads_mspms(tmp_path):
    command = [sys.executable, "-c", "import msprime.cli; msprime.cli.mspms_main()"]
    arguments = ["6", "20", "-t", "2", "-r", "1", "501", "-p", "7", "-seeds", "1", "2", "3"]
    text = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout
    windows = read_text(text, sequence_length=500, expected_windows=20)
    assert_array_equal(windows.n_sites, [len(rows[0]) if rows else 0 for _, rows in read_naively(text)])


def test_any_other_character_is_derived():
    text = "ms 2 1\n1\n\n//\nsegsites: 4\npositions: 0.1 0.2 0.3 0.4\n02a1\n0900\n"
    assert_array_equal(read_text(text).haplotypes.T, [[0, 1, 1, 1], [0, 1, 0, 0]])


def test_accepts_trees_times_and_windows_line_endings():
    text = TWO_WINDOWS.replace("//\n", "//\t0.5\n[3](1:0.2,2:0.2);\ntime:\t0.5\nprob: 0.1\n", 1)
    assert_array_equal(read_text(text.replace("\n", "\r\n")).haplotypes, read_text(TWO_WINDOWS).haplotypes)


@pytest.mark.parametrize("open_stream", [lambda path: path.open("rb"), Path.open, str, Path])
def test_takes_paths_and_streams_plain_and_gzip(tmp_path, open_stream):
    for name, data in [("a.txt", TWO_WINDOWS.encode()), ("b.gz", gzip.compress(TWO_WINDOWS.encode()))]:
        (tmp_path / name).write_bytes(data)
        source = open_stream(tmp_path / name)
        assert_array_equal(read_ms_windows(source, sequence_length=1000).n_sites, [2, 0])
        if not isinstance(source, str | Path):
            assert not source.closed
            source.close()


@pytest.mark.parametrize("batch_windows", [1, 2, 3, 1000])
def test_batches_are_bounded_and_join_to_the_whole(batch_windows):
    blocks = ["\n//\nsegsites: 0\n\n"] * 5 + ["\n//\nsegsites: 1\npositions: 0.5\n1\n0\n"] * 4
    text = "ms 2 5\n1\n" + "".join(blocks)
    batches = list(read_ms(io.StringIO(text), sequence_length=10, batch_windows=batch_windows))
    assert max(map(len, batches)) <= batch_windows
    assert_array_equal(Windows.concatenate(batches).n_sites, [0] * 5 + [1] * 4)


def test_a_batch_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(ms_text, "BATCH_BYTES", 4)
    text = "ms 2 5\n1\n" + "\n//\nsegsites: 2\npositions: 0.5 0.6\n11\n00\n" * 5
    assert [len(batch) for batch in read_ms(io.StringIO(text), sequence_length=10)] == [1] * 5


def test_reads_no_further_than_asked():
    def lines():
        yield TWO_WINDOWS.encode()
        raise AssertionError("read past the first batch")

    class Stream(io.RawIOBase):
        chunks = lines()

        def readable(self):
            return True

        def readinto(self, buffer):
            chunk = next(self.chunks)
            buffer[: len(chunk)] = chunk
            return len(chunk)

    batches = read_ms(io.BufferedReader(Stream(), 1000), sequence_length=10, batch_windows=1)
    assert len(next(batches)) == 1


BAD = {
    "no block": ("hello\n", "line 2: expected a window"),
    "no segsites": (TWO_WINDOWS.replace("segsites: 2\n", ""), "line 6: expected a line segsites: N"),
    "segsites word": (TWO_WINDOWS.replace("segsites: 2", "segsites: two"), "line 5: .*whole number.*two"),
    "positions missing": (TWO_WINDOWS.replace("positions: 0.250 1.000\n", ""), "line 6: .*'01'"),
    "positions few": (TWO_WINDOWS.replace(" 1.000", ""), "line 6: expected 2 position.*found 1"),
    "positions word": (TWO_WINDOWS.replace("0.250", "x"), "line 6: expected positions as numbers"),
    "positions high": (TWO_WINDOWS.replace("1.000", "1.5"), r"line 6: .*\[0, 1\], found 1.5"),
    "positions nan": (TWO_WINDOWS.replace("1.000", "nan"), "line 6: .*found nan"),
    "positions fall": (TWO_WINDOWS.replace("1.000", "0.1"), "line 6: .*rising order, found 0.1 after 0.250"),
    "row short": (TWO_WINDOWS.replace("10\n", "1\n"), "line 9: expected haplotype 3 of 4 .*'1'"),
    "row odd": (TWO_WINDOWS.replace("10\n", "1?\n"), r"line 9: expected haplotype 3 of 4 .*'1\?'"),
    "row missing": (
        TWO_WINDOWS.replace("10\n", ""),
        "line 9: expected 4 haplotypes, as the first line says .*found 3",
    ),
    "row extra": (TWO_WINDOWS.replace("10\n", "10\n10\n"), "line 11: expected 4 haplotypes.*found 5"),
    "cut in a row": (TWO_WINDOWS[: TWO_WINDOWS.index("11\n") + 1], "line 10: expected haplotype 4 of 4"),
    "cut between": (TWO_WINDOWS[: TWO_WINDOWS.index("segsites: 0")], "line 13: .*segsites: N, .*end of the"),
    "stray row": (TWO_WINDOWS + "0101\n", "line 15: expected a blank line or //"),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_text_is_one_line_with_its_number(name, tmp_path):
    text, message = BAD[name]
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as error:
        read_ms_windows(path, sequence_length=1000)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_counted_rows_are_checked_line_by_line():
    head = "x\n\n//\nsegsites: 2\npositions: 0.1 0.2\n"
    for rows, message in [
        ("00\n01\n\n//\n", "line 8: expected haplotype 3 of 3 .*found ''"),
        ("00\n0\n00\n", "line 7: expected haplotype 2 of 3 .*found '0'"),
        ("00\n01\n", "line 8: expected 3 haplotypes, found the end of the file after 2"),
        ("00\n01 \n11\n", "line 6: expected lines of one width"),
        ("00\n01\n11\n10\n", "line 9: expected a blank line or //"),
    ]:
        with pytest.raises(DataError, match=message):
            read_text(head + rows, n_haplotypes=3, ploidy=1)


def test_wrong_number_of_windows():
    with pytest.raises(DataError, match="expected 3 windows in all, found 2"):
        read_text(TWO_WINDOWS, expected_windows=3)


def test_empty_windows_only_take_the_sample_size_from_the_first_line_or_the_caller():
    empty = "{}\n1\n\n//\nsegsites: 0\n\n"
    assert read_text(empty.format("ms -N 100 8 1")).spec.n_haplotypes == 8
    assert read_text(empty.format("x"), n_haplotypes=6).spec.n_haplotypes == 6
    with pytest.raises(DataError, match="n_haplotypes to be given"):
        read_text(empty.format("x"))


def test_damaged_gzip_and_missing_file(tmp_path):
    path = tmp_path / "cut.gz"
    whole = gzip.compress(TWO_WINDOWS.encode())
    for damaged in [whole[:-20], whole[:-8] + b"xxxx" + whole[-4:], whole[:30] + b"xxxx" + whole[34:]]:
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="damaged or truncated"):
            read_ms_windows(path, sequence_length=1000)
    with pytest.raises(DataError, match="cannot be read"):
        read_ms_windows(tmp_path / "absent.txt", sequence_length=1000)


@st.composite
def window_batches(draw):
    n_haplotypes, length = draw(st.integers(2, 9)), draw(st.sampled_from([7, 1000, 10**8]))
    sizes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=5))
    positions = st.floats(0, length, exclude_max=True)
    return Windows.from_arrays(
        [draw(hnp.arrays(np.uint8, (s, n_haplotypes), elements=st.integers(0, 1))) for s in sizes],
        [sorted(draw(st.lists(positions, min_size=s, max_size=s))) for s in sizes],
        sequence_length=length,
        ploidy=1,
    )


@given(window_batches())
def test_what_is_written_is_read_back(windows):
    stream = io.BytesIO()
    write_ms(windows, stream, command=f"ms {windows.spec.n_haplotypes} {len(windows)}", seeds=(1, 2, 3))
    length = windows.spec.sequence_length
    stream.seek(0)
    again = read_ms_windows(stream, sequence_length=length, ploidy=1, expected_windows=len(windows))
    assert again.spec == windows.spec
    assert_array_equal(again.haplotypes, windows.haplotypes)
    assert_array_equal(again.offsets, windows.offsets)
    assert np.abs(again.positions - windows.positions).max(initial=0) <= max(length * 1e-6, 0.1)


def test_writes_as_ms_does():
    stream = io.BytesIO()
    write_ms(read_text(TWO_WINDOWS), stream, command="ms 4 2 -t 3.2", seeds=(1, 2, 3), digits=3)
    assert stream.getvalue().decode() == TWO_WINDOWS.replace("1.000", "1.000 ")


def test_refuses_a_command_that_would_break_the_text():
    with pytest.raises(DataError, match="one line"):
        write_ms(read_text(TWO_WINDOWS), io.BytesIO(), command="ms\n//")


BLOCK = "//\nsegsites: 2\npositions: 0.1 0.6\n01\n10\n"


def test_what_the_first_line_promises_is_held():
    with pytest.raises(DataError, match=r"line 12: expected 3 windows, as the first line says, .*after 2"):
        read_text(f"ms 2 3 -t 5\n{BLOCK}{BLOCK}")
    assert len(read_text(f"ms 2 3 -t 5\n{BLOCK}{BLOCK}", whole=False)) == 2
    assert len(read_text(f"ms 2 2 -t 5\n{BLOCK}{BLOCK}")) == 2
    with pytest.raises(
        DataError, match="line 1: expected windows of 1,000 bp, as asked for, found 20,000 bp"
    ):
        read_text(f"./discoal 2 1 20000 -t 5\n{BLOCK}")
    for length in (1000, 1001):
        assert len(read_text(f"./discoal 2 1 {length} -t 5\n{BLOCK}")) == 1


@pytest.mark.parametrize("line", ["#OUT: 5000 SM p1 10", "version 3 of 7", "3", "", "simulated 99 99"])
def test_a_first_line_that_is_no_command_promises_nothing(line):
    assert read_text(f"{line}\n{BLOCK}#OUT: 5001 SM p1 10\n\n{BLOCK}").spec.n_haplotypes == 2


def test_a_byte_order_mark_costs_no_window():
    text = "\ufeff" + BLOCK * 4
    assert len(read_text(text)) == 4
    assert len(read_text("\ufeffms 2 1\n" + BLOCK)) == 1


def test_a_lower_case_n_is_an_origin_of_msms_alone():
    block = BLOCK.replace("01\n", "0n\n")
    assert read_text(f"msms 2 1\n{block}").haplotypes.tolist() == [[0, 1], [1, 0]]
    with pytest.raises(DataError, match="haplotype 1 of 2 with 2 allele"):
        read_text(f"ms 2 1\n{block}")


def test_an_endless_line_ends(monkeypatch):
    monkeypatch.setattr("selbench.foreign.gzip.LONGEST_LINE", 1000)
    with pytest.raises(DataError, match="lines of at most 1,000 bytes"):
        read_text("x" * 5000)
    with pytest.raises(DataError, match="segsites: and a whole number"):
        read_text(f"//\nsegsites: {'9' * 900}\n")
