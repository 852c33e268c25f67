/* SPDX-License-Identifier: MIT */
/* Which four bytes of a keyword are looked for, and which keywords share a
 * bucket. A bucket lets through every mixture of the bytes of its windows, so it is
 * what they have in common that keeps it narrow. One keyword after the other takes the
 * window and the bucket that let the fewest bytes of common text through in addition,
 * and does so again when all have one: the first did not know who would come. */
#include "detect/prefilter_windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	/* Of a place with the right window, measured in looks. */
	COMPARE_COST = 8,
	KINDS = 32, /* of bytes: by five bits, which have no case */
	OFTEN = 5,  /* of 10000 places begin with a piece that is `often`, or more */
	FEW = 64,   /* keywords that one set is enough for, */
	SOME = 200, /* and two */
};

/* How many of 10000 bytes of documentation, source texts and settings are this
 * one, from the space on; capital letters are counted with the small ones, too. Any
 * other byte counts as one. */
static const uint16_t common[] = {
	/* clang-format off */
	1531, 4, 63, 48, 3, 4, 6, 60, 60, 60, 100, 6, 100, 80, 90, 130,
	105, 56, 49, 27, 24, 25, 21, 15, 18, 25, 70, 32, 40, 40, 40, 2,
	5, 84, 33, 79, 48, 114, 40, 30, 20, 84, 4, 16, 75, 39, 76, 74,
	58, 4, 73, 115, 93, 37, 18, 11, 24, 13, 4, 17, 21, 17, 1, 150,
	12, 409, 120, 311, 252, 715, 171, 110, 165, 441, 17, 68, 322, 165, 424, 389,
	240, 13, 385, 505, 554, 168, 68, 47, 78, 78, 11, 8, 4, 8, 1, 1,
	/* clang-format on */
};

/* Letters come in words: how often one follows another there, both without regard to
 * case, as the power of the square root of 1/2. In rows for the first, one for any
 * other byte and then a to z; digits go on with a to v. */
static const char follows[][28] = {
	"1bdabcceebkhdddccldaadeeejk", "7ha99gfalale686mal676cdgedk",
	"57eae6efj79h6ff8flabe7jkg9i", "67ecf7gk7bj88bh5emab6bhkgen",
	"39ffb4fgh7kjdgh9glcbebhhfgn", "3bf98c9ejgjiab7gde688jdfadm",
	"39gfdaagj4omahd6em9da9ljmdp", "3bhdh5he98lk9d7bdl99cagjiif",
	"55kih3jil7njdfi8hmae8djjmhm", "9cb89b99ojni9a47clb77kcjfoc",
	"68fcf3fghchbfeg8dgg4e8fgihh", "2afaf5geg9kiefdegjfaebielik",
	"47ffb5aff6gj7ig8fniaa9djkbk", "55afc4eik8lhbah86lhafbikkcl",
	"48i976b7jbledhf8gnh66bemnen", "7eca8g9dlbida95b8p5999dbikk",
	"66hde5ehcaoc8gf8aj7b7ahhlal", "4dfeebgeeehgbfeffcccd2gbgei",
	"47hcc4fbj7pecba8ena99begmbn", "4cici6hgb8p98fcbaje76bihlcj",
	"48ide6fk67pideg8dp7bbbkfd9m", "7b9ab8cdmamj796g9n666kjmgml",
	"55gfi3ghj7mdg9g7cjffeifkghl", "56hfd8hi74jiega7gj9bhckcjhl",
	"2be9eacjialegbfg8lha6jjlbfk", "2dffgdegkclkcc994ha9ahjblkj",
	"48fff2fee8ihbc9agifbfegfgee",
};

/* How many of all pairs of neighbours are of such kinds, again as the power of the square root
 * of 1/2: in rows for the first; counted over what Debian installs, but for documentation,
 * headers and modules of Perl and Python, with which it is measured. */
static const char pairs[][KINDS + 1] = {
	"7fffghhhhfilihhggjgfejjimmiijgpj", "jljiiroirjpnfhgqipfhelmonlorursn",
	"ljjnmippokjshnnkoqlkmjqrskirnopp", "ihpklgqqikokioofnrknhkqssnrstrwm",
	"gjnnlepolhmplnljlpmknlpoqpomsnsk", "dijggkhjkjkqgienjjeefpkmhllmpmni",
	"hkqqpllrpgpukplioslonlssspsrvrxo", "imonpgonminrinklnpkkmmqrusonqntm",
	"khmmnfommhmsnonjmqlljopqrsrrtstl", "ikkhiiijoiiqhjdflqkggrlsnvjjqpqn",
	"coojpknqpkftqoplnqpmnppqstsmqovp", "lprrrjsrrnqsproqqssorqustvstuswo",
	"fhnokfkmoghsionhjmmjjipqslpmsrsl", "jhloofppqknsmfnjiookomqrrpqsusmm",
	"fgkhggjgmjinkmjilpmgfkmqroopnpsk", "ilkiipjlqlkniieiisfkjhmkprspttqn",
	"khomngqnnjnrionigmhkiknoklnlsnlm", "mrpssrtstooslsprlmloojmppnpqurwq",
	"ghmkkdnjmgmnkkigkniiijlooknmrork", "fjmknepnjhlnjmiijnkhejooqkknqntk",
	"fglkmenmeelqkmkhkogijionoimmqopi", "mmlmlinoukquijhqkohiiqprqmstuvxq",
	"oipqrissskrvoqrnonopmqqqprrsutwp", "mlrrrnssmjqvornlpqmnqqrprrrsvvxp",
	"mpqmrorsrmqsooqsknopjppqopqruswn", "iqqprptopoovmnmniqnllpppqpnqtotm",
	"gplqrltrtqjxqssnmsrqqottuuomulzu", "iroqmstovoftrrttppoqsutvwxvrtpwv",
	"npporsrttrpvrsplntsqqrtvpywvotsu", "hrnssurnrojuktoqqssrpvwwxxtorlpt",
	"lrossutrtrmxpupurusrpvxuzyutrtnw", "okmjlllnmjqqlklmjpljkmmoquswwvzi",
};

/* What of four bytes stands in such texts most often, which the tables above can not tell:
 * five hundred, one behind the other, counted over what Debian installs. */
static const char often[] =
	"    tion thethe typenameatioefindefifineion ine self con to menting  of ctio   r for"
	"ions if   refile   sdef thisturnstrieturretuportsioncons is    ifor  in  retssl_ and"
	"onst defand elf.ptio seldataintejectfuncvaluringcommaluerequ thi prowithtrinablecode"
	"urn  notnter  ifhis    elassclascont   c_typcomp strvers intf thfromstat res   pserv"
	"   dequeliceersienseicenrrorcens useerro wit   t  deent   seformcharternrsionot loca"
	" or unctopeninfoort sageuestof tncticonfparaessaques comourc   furcesour filmporrom "
	"catited messn thssagimpoe thlistchecheckerat impoperceptossl   abase namnonenst line"
	"callinstbjecnstaextetimepenstextspechttp be ame  endsl_cexceonfitribenssnssl typobje"
	"aram oper thxcepscriormasizeibutribunfigecti tha valflag(selightter ith s thsign req"
	" chareadprocstancopypath lictingentiype(resu_sk_thermple staocatreatsultesulmeththat"
	"tati parernaare ons worddinghat ile   en  coethocreaargs keyint reseanceattrthodall "
	"_namhe loptiratiervestruendilonghe sriptcripeatetruee liget_   (cluddatermatatedtruc"
	"ruct_che sete inommeresommen  pre coincleck_ass itionclu youe re_conroceprojargeion_"
	"butealsetestrnalrojeojec cla argemenble entsaultfaulxterarsecessinitdescnodened escr"
	"ined nonparsatorviceefaudefatarg verludeate ommargetl_chmandure falsrigh fun   mdent"
	"in tageslangne s  thumenmmanitemode esouield   b dissed ient by ndif copstere foprop"
	"icatvoidbyteer teptiatchlf._he cregiundeage ressype enerfreeess  alltainarrarespogle"
	"googointwritder oogl an ctorion.genetureuse peci as elseed tpoinimpleginonteinde are"
	"mberbegifielout dist getifieboold to frocateyou  insd inionahe ft thistre iseser   n"
	"_par  inperaountsing dat   lpres mod it starrent spechanangeor ted bstemlockletense "
	"neraef _streoverriteor aed iloudclounders no.com addervi cangrouectsmodepackevenrect"
	"equisyst on tablbackloadtartitertanc   o errusercounencening objlienacheignethenclie"
	"workadersl_systeublilagslateecifttervalioundmakeect    hquir tru sysrvicase aliddule"
	" anyuirendexlinkasseontao thonserouppubl ext(osscertheadratoe(skspon";

struct bucket {
	uint16_t windows[PLACES][KINDS]; /* with such a byte there */
	/* By kind of the middle byte, what of all text has it there and is let through by
	 * the place before, and what of that by the one behind; whether it is by its own. */
	float before[KINDS], behind[KINDS], here[KINDS];
	float part; /* of text that all places let through */
};

static unsigned count_of_byte(uint8_t byte)
{
	unsigned at = byte - (unsigned)' ';
	return at < sizeof common / sizeof *common ? common[at] : 1;
}

static float part_of_byte(uint8_t byte)
{
	return (float)count_of_byte(byte) / 10000;
}

/* Of all text, the pairs of the first kind and the second. Of what has the second, what the
 * first follows. */
static float with_next[KINDS][KINDS], after[KINDS][KINDS];
static uint64_t often_by_hash[1 << 10]; /* a bit for each of 65536 */

static uint32_t hash_of_piece(const uint8_t *four)
{
	return window_hash(window_four(four), 16);
}

/* A digit is a power of the square root of 1/2. */
static float part_of_digit(char digit)
{
	static const float root = 0.70710678f;
	float part = 1;
	for (int power = digit <= '9' ? digit - '0' : digit - 'a' + 10; power > 0; power--)
		part *= root;
	return part;
}

static void make_tables(void)
{
	for (unsigned first = 0; first < KINDS; first++) {
		float all = 0;
		for (unsigned next = 0; next < KINDS; next++)
			all += with_next[first][next] = part_of_digit(pairs[first][next]);
		for (unsigned next = 0; next < KINDS; next++)
			after[next][first] = with_next[first][next] / all;
	}
	for (const char *piece = often; *piece; piece += WINDOW_SIZE) {
		uint32_t hash = hash_of_piece((const uint8_t *)piece);
		often_by_hash[hash >> 6] |= (uint64_t)1 << (hash & 63);
	}
}

static bool is_often(const uint8_t *four)
{
	uint32_t hash = hash_of_piece(four);
	return often_by_hash[hash >> 6] >> (hash & 63) & 1;
}

static unsigned kind_at(const struct keyword *keyword, unsigned window, unsigned place)
{
	return keyword->text[window + place] % KINDS;
}

/* Of the text, what the bucket lets through with this window in addition. */
static float part_of_wider(const struct bucket *bucket, const struct keyword *keyword,
			   unsigned window)
{
	enum { LANES = 8 }; /* sums that do not wait for each other */
	_Static_assert(PLACES == 3, "one place before the middle one, one behind it");
	static const float none[KINDS];
	unsigned first = kind_at(keyword, window, 0), middle = kind_at(keyword, window, 1),
		 last = kind_at(keyword, window, 2);
	const float *more_before = bucket->windows[0][first] ? none : with_next[first],
		    *more_behind = bucket->windows[2][last] ? none : after[last];
	float sums[LANES] = {0}, part = 0;
	for (unsigned i = 0; i < KINDS; i += LANES)
		for (unsigned k = i; k < i + LANES; k++)
			sums[k - i] += bucket->here[k] * (bucket->before[k] + more_before[k]) *
				       (bucket->behind[k] + more_behind[k]);
	for (unsigned k = 0; k < LANES; k++)
		part += sums[k];
	if (!bucket->windows[1][middle])
		part += (bucket->before[middle] + more_before[middle]) *
			(bucket->behind[middle] + more_behind[middle]);
	return part;
}

static void sum_up(struct bucket *bucket)
{
	memset(bucket->before, 0, sizeof bucket->before);
	memset(bucket->behind, 0, sizeof bucket->behind);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		bucket->here[kind] = bucket->windows[1][kind] > 0;
		for (unsigned k = 0; k < KINDS && bucket->windows[0][kind]; k++)
			bucket->before[k] += with_next[kind][k];
		for (unsigned k = 0; k < KINDS && bucket->windows[2][kind]; k++)
			bucket->behind[k] += after[kind][k];
	}
	bucket->part = 0;
	for (unsigned k = 0; k < KINDS; k++)
		bucket->part += bucket->here[k] * bucket->before[k] * bucket->behind[k];
}

static void widen(struct bucket *bucket, const struct keyword *keyword)
{
	for (unsigned i = 0; i < PLACES; i++)
		bucket->windows[i][kind_at(keyword, keyword->window, i)]++;
	sum_up(bucket);
}

static void narrow(struct bucket *bucket, const struct keyword *keyword)
{
	for (unsigned i = 0; i < PLACES; i++)
		bucket->windows[i][kind_at(keyword, keyword->window, i)]--;
	sum_up(bucket);
}

static unsigned letter_of(uint8_t byte)
{
	uint8_t low = byte | 0x20;
	return low >= 'a' && low <= 'z' ? low - 'a' + 1u : 0;
}

static float part_behind(uint8_t before, uint8_t byte)
{
	/* All but letters together, and how many of them are of one kind; a line is
	 * often drawn with them. */
	if (before == byte && !letter_of(byte))
		return 0.5f;
	float part = letter_of(byte) ? 1 : part_of_byte(byte) * 2;
	return part * part_of_digit(follows[letter_of(before)][letter_of(byte)]);
}

static float part_of_window(const struct keyword *keyword, unsigned window)
{
	float part = part_of_byte(keyword->text[window]);
	for (unsigned i = window + 1; i < window + WINDOW_SIZE && i < keyword->len; i++)
		part *= part_behind(keyword->text[i - 1], keyword->text[i]);
	float least = (float)OFTEN / 10000;
	if (part < least && keyword->len >= window + WINDOW_SIZE &&
	    is_often(keyword->text + window))
		return least;
	return part;
}

struct choice {
	float own; /* what the window costs wherever it goes */
	uint8_t window;
};

/* The cheapest first, so that most of the others need not be tried. */
static unsigned choices_of(const struct keyword *keyword, struct choice choices[UINT8_MAX])
{
	unsigned count = 0, last = keyword->len > WINDOW_SIZE ? keyword->len - WINDOW_SIZE : 0;
	for (unsigned window = 0; window <= last; window++) {
		float own = part_of_window(keyword, window) * COMPARE_COST;
		unsigned i = count++;
		for (; i && choices[i - 1].own > own; i--)
			choices[i] = choices[i - 1];
		choices[i] = (struct choice){own, (uint8_t)window};
	}
	return count;
}

/* The number of the bucket that gets it. */
static uint8_t place(struct keyword *keyword, struct bucket *buckets, unsigned count)
{
	struct choice choices[UINT8_MAX];
	float best = 0;
	unsigned into = count, left = choices_of(keyword, choices);
	for (const struct choice *c = choices; left && (into == count || c->own < best);
	     c++, left--) {
		for (unsigned i = 0; i < count && (into == count || c->own < best); i++) {
			float wider = part_of_wider(&buckets[i], keyword, c->window);
			float cost = c->own + wider - buckets[i].part;
			if (into < count && cost >= best)
				continue;
			best = cost;
			into = i;
			keyword->window = c->window;
		}
	}
	widen(&buckets[into], keyword);
	return (uint8_t)into;
}

static void let_through(struct lookup *lookup, unsigned bucket, unsigned place, uint8_t byte)
{
	unsigned set = bucket / 8, kind = byte % KINDS;
	uint8_t bit = (uint8_t)(1u << bucket % 8);
	lookup->kinds[set][place][kind] |= bit;
	lookup->folded[set][place][byte & 63] |= bit;
	for (unsigned high = 0; high <= UINT8_MAX; high += KINDS)
		lookup->whole[place][high + kind] |= 1u << bucket;
}

static bool has_two_cases(uint8_t byte)
{
	return byte >= 'a' && byte <= 'z';
}

static void fill(struct lookup *lookup, unsigned bucket, const struct keyword *keyword)
{
	for (unsigned i = 0; i < PLACES; i++) {
		uint8_t byte = keyword->text[keyword->window + i];
		let_through(lookup, bucket, i, byte);
		if (has_two_cases(byte))
			let_through(lookup, bucket, i, byte ^ ' ');
	}
}

void windows_choose(struct keyword *keywords, size_t count, struct lookup *ret)
{
	enum { ROUNDS = 2 };
	struct bucket *buckets = mem_alloc(BUCKETS * sizeof *buckets);
	uint8_t *into = mem_alloc(count + 1);
	unsigned sets = count <= FEW ? 1 : count <= SOME ? 2 : SETS;
	make_tables();
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned len = WINDOW_MIN; len <= UINT8_MAX; len++)
			for (size_t i = 0; i < count; i++) {
				if (keywords[i].len != len)
					continue;
				if (round)
					narrow(&buckets[into[i]], &keywords[i]);
				into[i] = place(&keywords[i], buckets, sets * BUCKETS / SETS);
			}
	memset(ret, 0, sizeof *ret);
	ret->sets = sets;
	for (size_t i = 0; i < count; i++)
		fill(ret, into[i], &keywords[i]);
	free(buckets);
	free(into);
}
