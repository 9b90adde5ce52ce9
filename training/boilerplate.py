"""Random lines that agencies put before and after what a caption says, to learn to ignore them.

A grammar, so that no line of it is a line that anybody measures with: templates with slots, which
are filled at random. The lines hold greetings of all faiths and regions, reports to superiors,
datelines, chat stamps, table cells, rubrics, headlines, slogans, quotes, credits, hours and calls.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - lists of words are read more easily as text
import random
from functools import cache

SLOTS: dict[str, tuple[str, ...]] = {
    "city": tuple(
        "Makassar Bantul Kendari Jember Ambon Sorong Palu Bima Kupang Medan Padang Gorontalo Manado "
        "Ternate Serang Garut Malang Kudus Tegal Blitar Pati Subang Lamongan Jakarta Bandung Bogor "
        "Lahat Curup Metro Kotabumi Sambas Ketapang Buntok Sampit Nunukan Tarakan Wamena Merauke "
        "Parepare Polewali Mamuju Bulukumba Takalar Banyumas Cilacap Ngawi Tuban Bangli Gianyar "
        "Bireuen Sigli Dumai Bengkalis Tembilahan Muaro Lubuklinggau Prabumulih Kalianda".split()
    ),
    "month": tuple(
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember "
        "Jan Feb Mar Apr Jun Jul Agu Sep Nov Des".split()
    ),
    "day": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu", "Jum'at", "Ahad"),
    "dd": tuple(str(n) for n in range(1, 29)) + tuple(f"{n:02d}" for n in range(1, 29)),
    "mm": tuple(str(n) for n in range(1, 13)) + tuple(f"{n:02d}" for n in range(1, 13)),
    "yy": ("2019", "2020", "2021", "2022", "2023", "2024", "2025", "2027", "22", "23", "24", "27"),
    "hh": tuple(f"{n:02d}" for n in range(6, 22)),
    "min": ("00", "05", "10", "15", "20", "30", "40", "45", "50", "07", "18", "23", "52"),
    "n": tuple(str(n) for n in range(1, 400, 7)),
    "date": ("{dd} {month} {yy}", "{dd}/{mm}/{yy}", "{day}, {dd} {month} {yy}", "{day} ({dd}/{mm})",
             "{dd}-{mm}-{yy}", "{month} {dd}, {yy}", "{day}, {dd}/{mm}/{yy}", "{dd}/{mm}"),
    "time": ("{hh}.{min}", "{hh}:{min}", "{hh}.{min}.{min}", "{hh}:{min}:{min}"),
    "zone": ("WIB", "WITA", "WIT", "wib", "wita"),
    "first": tuple(
        "Ahmad Siti Budi Hasan Dewi Yusuf Aminah Rahmat Nur Fitri Abdullah Sri Wahyu Agus Hartono "
        "Ratna Kurnia Ismail Lestari Made Ketut Wayan Yohanes Maria Asep Ujang Cut Teuku Daeng "
        "Andi Baso Markus Yuliana Hendra Slamet Sutrisno Zainal Farida Nasution Simanjuntak".split()
    ),
    "degree": ("S.H.", "S.H., M.H.", "S.Ag.", "M.Pd.", "S.E.", "S.Kom.", "Lc.", "M.Si.", "S.Pd.I",
               "S.STP.", "M.AP.", "S.Sos.", "Ph.D."),
    "honour": ("Bapak ", "Ibu ", "Drs. ", "Dra. Hj. ", "H. ", "Dr. ", "Prof. ", "Kak ", "Ust. ", "", ""),
    "name": ("{honour}{first} {first}", "{honour}{first} {first}, {degree}", "{first} {first}", "{first}"),
    "office": ("Pengadilan Agama", "Pengadilan Negeri", "Dinas Pendidikan", "Kantor Kemenag",
               "Puskesmas", "Desa", "Kecamatan", "Diskominfo", "MTsN 2", "SMAN 1", "SDN 3",
               "Universitas", "BPS", "Kejaksaan Negeri", "Polres", "KUA", "Bank", "Kelurahan",
               "RSUD", "Kodim", "Lapas", "BPBD", "KPU", "Bawaslu", "Perpustakaan", "Politeknik"),
    "org": ("{office} {city}",),
    "chief": ("Ketua", "Kepala", "Sekretaris", "Panitera", "Camat", "Lurah", "Direktur", "Rektor",
              "Bupati", "Wali Kota", "Kapolsek", "Danramil", "Komandan", "Pimpinan", "Kabag Umum",
              "Kasubbag", "Kajari", "Dirjen", "Menteri", "Gubernur"),
    "value": tuple(
        "integritas profesional akuntabel transparan inovatif cepat tepat ramah santun modern unggul "
        "berkelas melayani amanah responsif humanis kolaboratif adaptif harmonis loyal kompeten "
        "efektif efisien mandiri jujur disiplin tertib sigap tangguh cerdas berkarakter religius "
        "berdaya sejahtera maju berbudaya gesit tulus ikhlas peduli sederhana terbuka".split()
    ),
    "english": tuple(
        "integrity excellence service trust quality innovation transparency professional smart "
        "accountable faster better together caring honest modern reliable inclusive responsive "
        "friendly committed dedicated stronger community future".split()
    ),
    "arabic": ("السلام عليكم", "الحمد لله رب العالمين", "بسم الله", "إن الله مع الصابرين",
               "وعليكم السلام ورحمة الله", "اللهم صل على محمد", "قل هو الله أحد", "فإن مع العسر يسرا",
               "رب اشرح لي صدري", "وقل رب زدني علما", "ما شاء الله", "جزاكم الله خيرا",
               "إنما المؤمنون إخوة", "لا إله إلا الله", "سبحان الله وبحمده", "والعصر إن الإنسان لفي خسر",
               "خيركم من تعلم القرآن وعلمه", "كل عام وأنتم بخير", "صدق الله العظيم", "أهلا وسهلا",
               "اقْرَأْ بِاسْمِ رَبِّكَ", "وَاعْتَصِمُوا بِحَبْلِ اللَّهِ", "يَا أَيُّهَا الَّذِينَ آمَنُوا", "حَسْبُنَا اللَّهُ وَنِعْمَ الْوَكِيلُ"),
    "surah": ("Al-Baqarah", "An-Nisa", "Al-Hujurat", "Ar-Rum", "Ali Imran", "Yasin", "An-Nahl",
              "Al-Insyirah", "Ibrahim", "Luqman"),
    "people": ("teman-teman", "warga", "kawan", "Bapak Ibu sekalian", "sahabat", "sobat", "pemirsa",
               "netizen", "dulur", "saudara", "hadirin", "guys", "Sahabat {city}", "Warga {city}",
               "Insan Statistik", "Kawan Bangga", "Sobat Pajak", "rekan-rekan", "para pejuang",
               "Sobat Literasi", "Kanca", "sedulur", "anak-anak hebat", "Ayah Bunda"),
    "hello": ("Selamat siang", "Selamat sore", "Selamat malam", "Hai", "Halo", "Hallo gaess",
              "Sugeng enjing", "Sugeng rawuh", "Sampurasun", "Tabea", "Good morning", "Dear",
              "Assalamualaikum", "Selamat datang", "Rahajeng semeng", "Horas", "Mejuah-juah",
              "Ahoi", "Adil ka talino", "Salam sejahtera", "Salam sehat", "Hello", "Hi", "Wilujeng enjing",
              "Met pagi", "Pagi", "Selamat hari {day}"),
    "faith": ("Assalamualaikum wr wb", "Salam sejahtera bagi kita semua", "Om swastiastu", "Shalom",
              "Namo buddhaya", "Salam kebajikan", "Rahayu", "Syalom", "Puji Tuhan", "Salve",
              "Wei de dong tian", "Salam sehat", "Om santi santi santi om", "Bismillah",
              "Berkah dalem", "Haleluya", "Barakallah"),
    "howareyou": ("Apa kabarnya", "Gimana kabarnya", "Sudah sarapan belum", "Semoga sehat selalu",
                  "Jangan lupa bahagia", "Tetap semangat ya", "Siapa yang setuju",
                  "Ada yang sudah tahu", "Piye kabare", "Kumaha kabarna", "Baa kabanyo",
                  "Aga kareba", "Punapi gatra", "Sehat semua kan", "Masih semangat", "How are you",
                  "Sudah siap menjalani hari", "Semoga harimu menyenangkan", "Lagi ngapain nih"),
    "report": ("Izin melaporkan", "Mohon ijin melapor", "Dengan hormat kami laporkan",
               "Bersama ini disampaikan", "Berikut kami sampaikan laporan kegiatan",
               "Ijin share dokumentasi", "Mohon izin menyampaikan", "Lapor, Ndan", "Selamat pagi, izin",
               "Dilaporkan dengan hormat", "Izin berbagi informasi", "Izin meneruskan", "Sekilas laporan",
               "Mohon arahan, berikut laporan", "Laporan giat", "Laporan situasi", "Rilis kegiatan",
               "Disampaikan dengan hormat", "Melaporkan pelaksanaan tugas"),
    "sep": (" –", " -", " |", ":", " —", "", " //", ","),
    "agency": ("HUMAS", "INFO", "KOMINFO", "ANTARA", "NEWS", "MEDIA CENTER", "Humas", "Kominfo",
               "InfoPublik", "RRI", "Prokopim", "HMS", "Diskominfo", "BeritaDaerah", "WartaDesa.com"),
    "field": ("Hari", "Tanggal", "Hari/Tgl", "Waktu", "Jam", "Pukul", "Tempat", "Lokasi", "Acara",
              "Agenda", "Peserta", "Pemateri", "Nama Kegiatan", "No", "Keterangan", "Hadir",
              "Penanggung Jawab", "Dress code", "Perihal", "Lampiran", "Nomor", "Kepada", "Dari",
              "Tema", "Pakaian", "Jumlah", "Anggaran", "Status", "Pelaksana", "Ketua Panitia", "Kode",
              "Sifat", "Hal", "Catatan", "Sumber dana", "Nama", "NIP", "Jabatan", "Unit kerja", "MC"),
    "cell": ("{date}", "{time} {zone}", "Aula", "Ruang Rapat", "selesai", "{org}", "{name}", "Pegawai",
             "-", "1 berkas", "terlampir", "Seluruh staf", "{time} s.d. {time} {zone}", "Kantor {office}",
             "Lantai 2", "Gedung Serbaguna", "{n} orang", "Rp{n}.000", "Penting", "Segera", "Batik",
             "Sekretariat", "{chief}", "Zoom Meeting", "menyesuaikan", "nihil", "Ruang {chief}"),
    "do": ("Wujudkan", "Perkuat", "Tingkatkan", "Dukung", "Jaga", "Optimalkan", "Dorong", "Komitmen",
           "Sukseskan", "Genjot", "Bangun", "Matangkan", "Pacu", "Sambut", "Jalin", "Mantapkan",
           "Teguhkan", "Raih", "Cegah", "Evaluasi", "Akselerasi", "Satukan", "Pertahankan"),
    "goal": ("Sinergi", "Pelayanan", "Integritas", "Zona Integritas", "Kinerja", "Kompetensi",
             "Kolaborasi", "Reformasi Birokrasi", "SDM Unggul", "Mutu Layanan", "Transparansi",
             "Kepercayaan Publik", "Semangat Kebersamaan", "Program Prioritas", "Akuntabilitas",
             "Persatuan", "Tata Kelola", "Disiplin", "Target Tahunan", "Nilai Kebangsaan", "Indeks Kepuasan"),
    "act": ("Gelar", "Laksanakan", "Ikuti", "Sambut", "Raih", "Terima", "Hadiri", "Luncurkan", "Siapkan",
            "Adakan", "Canangkan", "Perkenalkan", "Torehkan", "Catat", "Umumkan"),
    "event": ("Program Unggulan", "Penghargaan", "Kegiatan", "Agenda Strategis", "Capaian Baru",
              "Evaluasi", "Terobosan", "Prestasi", "Kick Off", "Tahun Anggaran Baru", "Aplikasi Baru",
              "Predikat Terbaik", "Inovasi Layanan", "Zona Baru", "Pencapaian Gemilang"),
    "end": ("Menuju", "Demi", "Untuk", "Bersama", "dalam Rangka", "Guna", "Jelang"),
    "aim": ("Indonesia Emas", "WBK WBBM", "Masyarakat Sejahtera", "Peradilan Agung", "Kemajuan Daerah",
            "Layanan Publik", "Desa Mandiri", "Sekolah Juara", "Birokrasi Bersih", "Masa Depan",
            "Kota Layak Anak", "Hari Jadi ke-{n}", "Tahun {yy}", "Kepentingan Bersama"),
    "rubric": ("BERITA", "KABAR", "INFO", "LENSA", "SEPUTAR", "WARTA", "POJOK", "GALERI", "SEKILAS",
               "HOT NEWS", "PENGUMUMAN", "PRESS RELEASE", "BREAKING NEWS", "UPDATE", "LIPUTAN",
               "FOTO HARI INI", "DOKUMENTASI", "SOROT", "RAGAM", "PROFIL", "OPINI", "KILAS BALIK",
               "Galeri Foto", "Kilas Berita", "Info Penting", "Sudut Pandang", "Catatan", "Ruang Publik",
               "Throwback", "Behind the Scene", "Fakta", "Tips", "Infografis", "Kolom", "Suara Warga"),
    "about": ("", "{city}", "KITA", "HARI INI", "TERBARU", "KAMPUS", "DESA", "SEKOLAH", "Pekan Ini",
              "Edisi {month}", "#{n}", "Vol. {n}", "Kantor", "No. {n}/{yy}", "Instansi", "Nasional", "Daerah"),
    "together": ("Bersama kita", "Kami siap", "Kami hadir", "Mari", "Ayo", "Yuk", "Terus", "Selalu",
                 "Saatnya", "Tekad kami", "Dengan semangat", "Satu hati", "Tidak ada kata lelah untuk"),
    "verb": ("wujudkan", "melayani", "berkarya", "bergerak", "menjadi", "memberi", "melangkah", "menuju",
             "mengabdi untuk", "menjaga", "membangun", "menghadirkan", "berbenah demi", "tumbuh bersama"),
    "object": ("pelayanan terbaik", "masyarakat", "yang lebih baik", "Indonesia maju", "perubahan",
               "zona integritas", "masa depan", "yang terbaik", "negeri", "keadilan bagi semua",
               "birokrasi bersih", "daerah tercinta", "generasi emas", "kepercayaan rakyat", "hari esok"),
    "proverb": ("Hasil tidak akan mengkhianati usaha", "Kerja ikhlas, kerja cerdas", "Bersatu kita teguh",
                "Ilmu adalah cahaya", "Kerja keras adalah kunci", "Waktu adalah amanah",
                "Tak kenal maka tak sayang", "Sedikit demi sedikit, lama-lama menjadi bukit",
                "Berat sama dipikul, ringan sama dijinjing", "Ing ngarsa sung tulada",
                "Becik ketitik, ala ketara", "Alon-alon waton kelakon", "Silih asah, silih asih, silih asuh",
                "Di mana bumi dipijak, di situ langit dijunjung", "Sipakatau sipakalebbi",
                "Malu bertanya sesat di jalan", "Where there is a will, there is a way",
                "Education is the most powerful weapon", "Service is our passion", "Unity is strength",
                "Berakit-rakit ke hulu, berenang-renang ke tepian", "Jadilah pribadi yang bermanfaat",
                "Jalan-jalan ke kota tua, jangan lupa membeli roti", "Pergi ke pasar membeli ikan, ikan dibeli untuk santapan",
                "Burung dara terbang tinggi, hinggap sebentar di atas dahan", "Hormati gurumu, sayangi teman",
                "Setiap tetes keringat adalah doa", "Pemimpin yang baik adalah pelayan", "Belajar sepanjang hayat",
                "Tuhan tidak mengubah nasib suatu kaum", "Kasihilah sesamamu manusia", "Tat twam asi"),
    "who": ("{first}", "pepatah", "anonim", "Ki Hajar Dewantara", "B.J. Habibie", "R.A. Kartini", "Hadis",
            "Mahatma Gandhi", "{chief} {org}", "Nelson Mandela", "Ali bin Abi Thalib", "Soekarno", "Amsal {n}:{n}"),
    "feast": ("Hari Raya Nyepi", "Natal dan Tahun Baru", "Idulfitri 1448 H", "Hari Guru Nasional",
              "Hari Kartini", "Hari Pahlawan", "Isra Mikraj", "Tahun Baru Imlek", "Waisak", "Hari Ibu",
              "HUT ke-{n}", "Dirgahayu RI", "Hari Santri", "Hari Anak Nasional", "Maulid Nabi", "Hari Batik"),
    "role": ("Penulis", "Editor", "Reporter", "Oleh", "By", "Kontributor", "Laporan", "Pewarta", "Foto",
             "Sumber", "Dok.", "Photo", "Naskah", "Redaktur", "Narasi", "Desain", "Videografer", "Admin",
             "Teks", "Tim Liputan", "Penyunting", "Kamera", "Rilis", "Kredit", "Uploader"),
    "credit": ("{name}", "Tim Humas", "admin", "Redaksi", "Humas {org}", "{first}/{first}", "ist", "dok. pribadi",
               "{agency} {city}", "Tim Media", "Subbag Umum", "Bagian Protokol", "PPID"),
    "contact": ("Informasi", "Info", "Konsultasi", "Pengaduan", "Pendaftaran", "Kontak", "Hubungi",
                "Call center", "WA", "Layanan", "Narahubung", "Reservasi", "Hotline", "Email"),
    "visit": ("Kunjungi", "Follow", "Ikuti", "Subscribe", "Cek", "Simak", "Pantau", "Baca", "Tonton",
              "Like dan share", "Save dulu", "Tag temanmu", "Unduh", "Klik"),
    "place": ("laman", "website", "akun", "kanal YouTube", "media sosial", "Instagram", "tautan", "story",
              "aplikasi", "podcast", "postingan", "highlight", "channel WhatsApp"),
    "close": ("Demikian", "Sekian", "Demikian laporan ini", "Demikian untuk menjadi periksa",
              "Atas perhatiannya", "Terima kasih", "Wassalam", "Wassalamualaikum", "Matur nuwun",
              "Hatur nuhun", "Suksma", "Terimong gaseh", "Thank you", "Kurru sumange", "Salam takzim", "Mauliate"),
    "closing": ("kami sampaikan", "disampaikan", "kami ucapkan terima kasih", "dan mohon arahan", "wr wb",
                "atas kerja samanya", "untuk diketahui", "sehat selalu", "dan sampai bertemu lagi",
                "semoga bermanfaat", "untuk seluruh pihak", "dumateng sedaya", "for your attention"),
    "hope": ("Semoga", "Mudah-mudahan", "Harapannya", "Insya Allah", "Kami berharap", "Doa kami"),
    "wish": ("bermanfaat", "menjadi berkah", "kegiatan ini memberi manfaat", "kita semua sehat",
             "kinerja makin baik", "menjadi ladang pahala", "terus maju dan jaya", "selalu dalam lindungan-Nya",
             "langkah kita dimudahkan", "sukses dan lancar", "silaturahmi tetap terjaga",
             "apa yang dicita-citakan tercapai", "Tuhan memberkati", "makin dicintai rakyat"),
    "amen": (".", "!", " amin.", " Amin ya rabbal alamin.", " Aamiin 🤲", ""),
    "hook": ("Pernahkah kamu", "Tahukah Anda", "Siapa sangka", "Tak terasa", "Alhamdulillah", "Puji Tuhan",
             "Masya Allah", "Bismillah", "Syukur", "Kabar gembira", "Jangan sampai ketinggalan", "Catat tanggalnya",
             "Ternyata begini caranya", "Wah, seru sekali", "Gak nyangka", "Penasaran", "Viral", "Spesial untuk kamu",
             "Sudah baca belum", "Mau tahu caranya", "Yang ditunggu-tunggu akhirnya tiba", "Coming soon"),
    "question": ("Sudah punya {doc} belum", "Bingung mengurus {doc}", "Tahu nggak cara membuat {doc}",
                 "Kapan terakhir kamu cek {doc}", "Mengapa {goal} itu penting", "Apa arti {goal} bagi kita",
                 "Apa saja syarat {doc}", "Benarkah {doc} kini gratis", "Siapa yang ingin ikut"),
    "doc": ("akta cerai", "KTP digital", "NPWP", "BPJS", "kartu keluarga", "paspor", "SIM", "formulir", "e-Court",
            "surat keterangan", "aplikasi baru", "layanan online", "jadwal", "pengaduan"),
    "item": ("Dasar", "Pelaksanaan", "Tujuan", "Peserta", "Kesimpulan", "Rencana tindak lanjut",
             "Hambatan", "Waktu dan lokasi", "Hasil yang dicapai", "Penutup", "Pendahuluan", "Susunan acara",
             "Sasaran", "Pembiayaan", "Uraian giat", "Situasi", "Dokumentasi", "Lain-lain", "Pembukaan", "Doa"),
    "fact": ("", "", "surat edaran", "sesuai jadwal", "aman dan lancar", "terlampir", "{cell}", "nota dinas", "SK {chief}"),
    "vision": ("Menjadi", "Mewujudkan", "Menciptakan", "Meningkatkan", "Membangun", "Visi:", "Misi:", "Motto:", "Maklumat:"),
    "noun": ("badan peradilan", "birokrasi", "pemerintahan", "lembaga", "pelayanan publik", "desa", "sekolah",
             "aparatur", "instansi", "perguruan tinggi", "kota", "masyarakat", "sumber daya manusia"),
}  # fmt: skip

TEMPLATES: tuple[str, ...] = (
    "{arabic}", "{arabic} {arabic}", "{arabic} {arabic} {arabic}", "(QS. {surah}: {n})", "(HR. Bukhari)",
    "{faith}", "{faith}, {faith}", "{faith}, {faith}, {faith}.", "{faith}, {people}!",
    "{hello}, {people}!", "{hello}, {people}.", "{hello} {people} {city} 👋", "{hello}!", "{hello}, {people}, {howareyou}?",
    "{howareyou}?", "{howareyou}, {people}?", "{howareyou}!",
    "{report} kepada {chief}:", "{report}:", "{report}, {chief}.", "{report} {chief} {org}, sebagai berikut:",
    "{report} {date}:", "Kepada Yth. {honour}{chief} {org}", "Yth. {name}, {report}:", "Yth. {chief} {org},",
    "Kepada yang terhormat {honour}{chief} di tempat", "Yang Mulia {chief} {org}", "Yth. Bapak/Ibu {people}",
    "Dear {chief} and all,", "cc: {chief} {org}",
    "{city}, {date}{sep}", "{city}, {agency}{sep}", "{city} ({date}){sep}", "{city} ({agency}){sep}", "{org}{sep} {date}",
    "{date}", "{date}{sep}", "{day}, {time} {zone}", "{date} {time} {zone}", "{city}, {date}, {time} {zone}", "{city}{sep}",
    "{agency} {city}{sep}", "{date} oleh {credit}", "{date} | {credit}", "{credit}, {date}", "{date} by {credit} {n} views",
    "Diperbarui {date} {time} {zone}", "{agency}, {city} {date}{sep}", "{agency} -", "({date})", "{city}, {agency}, {date}{sep}",
    "{role}: {credit}", "{role} : {credit}", "{role}: {credit} | {role}: {credit}", "({credit})", "{role} {credit}", "{credit}{sep}",
    "[{dd}/{mm} {time}] {first}:", "[{dd}/{mm}/{yy} {time}] {credit}:", "{dd}/{mm}/{yy}, {time} - {first}:",
    "[{time}, {dd}/{mm}/{yy}] {name}:", "{dd}/{mm}/{yy} {time} - {credit}:", "{credit}, [{dd}.{mm}.{yy} {time}]",
    "{name}, [{date} {time}]:", "[{time}] {first}:", "Forwarded from {credit}", "Diteruskan berkali-kali", "{first} ({time}):",
    "Forwarded message from {name}", "{credit} · {time}", "{first} {first} menambahkan foto", "Pesan diteruskan:",
    "{field}: {cell}", "{field} : {cell}", "{field} {cell}", "{field} | {cell}", "| {field} | {cell} |", "| {field} | {field} |",
    "{field}\t{cell}", "| {field} | {field} | {field} |", "{field} - {cell}", "{field}: {cell}, {field}: {cell}", "{field}/{field}: {cell}",
    "{cell}", "{cell} {cell}", "| {cell} | {cell} |", "{field} {field} {field}", "{field} = {cell}", "{n} {name} {cell}", "{time} {zone} {cell}",
    "{do} {goal}, {org} {act} {event}", "{org} {act} {event}", "{do} {goal} {end} {aim}", "{act} {event}, {org} {do} {goal}",
    "{do} {goal} dan {goal}", "{goal} {end} {aim}", "{chief} {city}: {do} {goal} {end} {aim}", "{do} {goal}!", "{event} {end} {aim}",
    "^{do} {goal} {end} {aim}", "^{org} {act} {event}", "^{do} {goal} {org}", "^{do} {goal} dan {goal} {end} {aim}", "^{event} {aim}", "^{hook}! {act} {event}",
    "^{goal} {org}", "^{event} {yy} {act} {event}",
    "{rubric} {about}", "{rubric} {about}{sep}", "[{rubric}]", "[{rubric} {about}]", "{rubric} | {rubric} {about}", "^{rubric} {about}", "#{rubric}",
    "{rubric}: {goal}", "({rubric})", "{rubric} {about} | {date}", "^{rubric} {org}", "«{rubric}»", "{rubric} // {about}",
    "{value} {value}", "{value}, {value}, {value}.", "{value}, {value} dan {value}", "^{value} {value} {value}", "{value}–{value}–{value}",
    "{value} {value} {value} {value}", "{value} dalam bekerja, {value} dalam melayani.", "{value} | {english} | {value}",
    "{together} {verb} {object}!", "{together} {verb} {object}.", "{together} {verb} {object}, {verb} {object}.", "{verb} {object} dengan {value}.",
    "{vision} {noun} yang {value}, {value} dan {value}.", "{vision} {noun} yang {value}.", "{vision} {goal} {noun}", "Terciptanya {noun} {value}",
    "{english}, {english} and {english}", "{english}, {english}, {english}!", "We serve with {english}", "Together for a {english} {english}", "Committed to {english}", "{english} for all", "Your {english} is our {english}.",
    "“{proverb}”", "“{proverb}” – {who}", "{proverb}.", '"{proverb}." ({who})', "{proverb}, {proverb}.", "Kata {who}, “{proverb}”",
    "Selamat {feast}", "{org} mengucapkan selamat {feast}", "Keluarga besar {org} mengucapkan Selamat {feast}", "{feast} {yy}", "Selamat memperingati {feast}, {people}!", "Happy {feast}!", "Turut berduka cita dari {org}", "Selamat atas {event}",
    "{hook}", "{hook}!", "{hook}?", "{hook}, {people}!", "{hook}… {howareyou}", "{question}?", "{question}, {people}?", "{hook} bahwa",
    "#{value} #{value}", "#{value}", "{value} {value} #{org}", "#{feast} #{aim}", "{goal} {aim}",
    "{contact} {place} {org}", "{contact}: 08{n}{n}{n}", "{contact} lebih lanjut di nomor 08{n}{n}", "{visit} {place} resmi kami!", "{visit} {place} {org} ya", "{visit} {place} kami di bio", "{visit} terus {place} {org}.",
    "{contact} {day} sampai {day}, {time}–{time} {zone}", "Jam layanan {day}–{day} pukul {time}–{time}", "Buka {day} s.d. {day} {time}-{time}", "{day}–{day}: {time}–{time} {zone}", "Pelayanan tutup pukul {time}", "Kantor {org} libur {date}", "Alamat: Jl. {first} No. {n}, {city}",
    "{close} {closing}.", "{close} {closing}, {close}.", "{close}.", "{close}, {chief} {org}", "{close} {people}!",
    "{hope} {wish}{amen}", "{hope} {wish}, {wish}{amen}", "{hope} {goal} {wish}{amen}",
    "Tembusan: {n}. {chief} {org}", "{chief} {org}; 2. {chief}; 3. Arsip.", "Nomor: {n}/{mm}/{yy}", "Nomor {n} Tahun {yy}", "Lampiran: {cell}", "Perihal: {goal}", "NIP. {n}{n}{n}", "ttd", "{chief},",
    "{n}. {item}", "{n}. {item}: {fact}", "{dd}) {item}", "a. {item}:", "- {item}: {fact}", "{item}:", "{item}: {cell}", "I. {item}",
    "Agenda: {time} {item}", "{time} – {time} {item}", "{item} pukul {time} {zone}", "Rundown {date}", "Jadwal {date}: {item}", "{field} kegiatan {date}",
    "{name}", "{name} dan {name}", "{chief} {org}, {name}", "{chief} {org}", "{org}", "^{org}", "{org}, {city}", "{name} ({chief})", "{name}, {name}, {name}", "{city}, {city}, {city}",
)  # fmt: skip


@cache
def _slots_of(template: str) -> tuple[tuple[str, str], ...]:
    """Cut a template into literal text and the slot that follows it."""
    pieces = template.split("{")
    head = [(pieces[0], "")]
    return tuple(head + [(rest.split("}")[1], rest.split("}")[0]) for rest in pieces[1:]])


def fill(template: str, generator: random.Random) -> str:
    """Fill a template's slots at random.

    Args:
        template: Text with slots of `SLOTS` in braces; slots may hold slots.
        generator: Who chooses.

    Returns:
        One line.
    """
    return "".join(
        (fill(generator.choice(SLOTS[slot]), generator) if slot else "") + text
        for text, slot in _slots_of(template)
    )


def boilerplate(count: int, seed: int) -> list[str]:
    """Make lines that no photo shows.

    Args:
        count: How many different lines.
        seed: Of the generator.

    Returns:
        Lines, in random order; each template is as likely as any other.
    """
    generator = random.Random(seed)
    lines: dict[str, None] = {}
    while len(lines) < count:
        template = generator.choice(TEMPLATES)
        line = fill(template.removeprefix("^"), generator)
        line = line.upper() if template.startswith("^") else line
        if not template.startswith("^") and line[:1].islower() and generator.random() < 0.7:
            line = line[:1].upper() + line[1:]
        lines[" ".join(line.split())] = None
    return list(lines)
